import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { dot, rowsOf, unitRows } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { symmetricInfoNce, symmetricInfoNceWithAccuracy } from "./symmetric-info-nce.ts";

const [B, D] = [4, 6];
const TEMPERATURE = 0.2;
const first = deterministic("symmetric.first", B * D);
const second = deterministic("symmetric.second", B * D);

/** Half of the sum of the softmax losses along rows and along columns of one matrix. */
function formula(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [rows, columns] = [unitRows(rowsOf(a, D)), unitRows(rowsOf(b, D))];
  const score = (i: number, k: number) => Math.exp(dot(rows[i]!, columns[k]!) / TEMPERATURE);
  let total = 0;
  for (let i = 0; i < B; i++) {
    let [along, down] = [0, 0];
    for (let k = 0; k < B; k++) {
      along += score(i, k);
      down += score(k, i);
    }
    total -= Math.log(score(i, i) / along) + Math.log(score(i, i) / down);
  }
  return total / (2 * B);
}

/** The share of rows of `a` whose row of `b` has the largest cosine of all. */
function hits(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const candidates = unitRows(rowsOf(b, D));
  const found = unitRows(rowsOf(a, D)).filter((row, i) => {
    const scores = candidates.map((candidate) => dot(row, candidate));
    return scores.indexOf(Math.max(...scores)) === i;
  });
  return found.length / B;
}

function evaluate(a: ArrayLike<number> = first, b: ArrayLike<number> = second) {
  return evaluateLoss({ a: leaf(a, B, D), b: leaf(b, B, D) }, (tensors) => ({
    ...symmetricInfoNceWithAccuracy(tensors.a, tensors.b, { temperature: TEMPERATURE }),
  }));
}

describe("symmetricInfoNce", () => {
  test("is the mean along rows and columns, in value and both gradients", async () => {
    const got = await evaluate();
    const byA = (a: readonly number[]) => formula(a, second);
    const byB = (b: readonly number[]) => formula(first, b);
    expect(relativeError(got.loss, [formula(first, second)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/a"], finiteDifferences(byA, first))).toBeLessThan(1e-4);
    expect(relativeError(got["grad/b"], finiteDifferences(byB, second))).toBeLessThan(1e-4);
  });

  test("does not change when the two sets change places", async () => {
    const [there, back] = [await evaluate(), await evaluate(second, first)];
    expect(back.loss[0]).toBeCloseTo(there.loss[0]!, 6);
    expect(back.accuracy).toEqual(there.accuracy);
    expect(relativeError(back["grad/a"], there["grad/b"])).toBeLessThan(1e-5);
  });

  test("counts, in each direction, the rows whose own is the nearest of the others", async () => {
    // In the first set, 0 and 3 find their own rows, 1 finds row 3 of the other and 2 finds its row 0. In the
    // second set, all find their own rows except 3, which finds 1.
    const angles = (degrees: readonly number[]) =>
      degrees.flatMap((angle) => [
        Math.cos((angle * Math.PI) / 180),
        Math.sin((angle * Math.PI) / 180),
        0,
        0,
        0,
        0,
      ]);
    const [own, others] = [angles([0, 90, 20, 100]), angles([5, 85, 50, 93])];
    const there = await evaluate(own, others);
    expect(there.accuracy[0]).toBe((hits(own, others) + hits(others, own)) / 2);
    expect([hits(own, others), hits(others, own)]).toEqual([2 / B, 3 / B]);
  });

  test("is ln B when all rows are equal", async () => {
    const flat = new Float32Array(B * D).fill(0.3);
    expect((await evaluate(flat, flat)).loss[0]).toBeCloseTo(Math.log(B), 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses sets of different shapes", () => {
    expect(() => symmetricInfoNce(input("a", [4, 6]), input("b", [5, 6]), { temperature: 1 })).toThrow(
      /two sets of rows \[B, D\] of the same shape/,
    );
  });
});
