import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { dot, rowsOf } from "../../test/support/rows.ts";
import { constant, mul, reshape, sum } from "../tensor/index.ts";
import { cosineSimilarity } from "./cosine-similarity.ts";

const [B, D] = [3, 5];
const a = deterministic("cos.a", B * D);
const b = deterministic("cos.b", B * D);
/** The weight of each row's cosine in the sum whose gradient is taken. All are different. */
const WEIGHTS = [1, -2, 0.5];

/** The dot product over the product of the norms. */
function cosines(u: ArrayLike<number>, v: ArrayLike<number>): number[] {
  const others = rowsOf(v, D);
  return rowsOf(u, D).map(
    (row, i) => dot(row, others[i]!) / (Math.hypot(...row) * Math.hypot(...others[i]!)),
  );
}

function evaluate(u: ArrayLike<number> = a, v: ArrayLike<number> = b, width = D) {
  const leaves = { a: leaf(u, u.length / width, width), b: leaf(v, v.length / width, width) };
  return evaluateLoss(leaves, (x) => {
    const cosine = cosineSimilarity(x.a, x.b);
    const weights = Array.from({ length: cosine.size }, (_, i) => WEIGHTS[i % B]!);
    return { cosine, loss: sum(mul(cosine, constant(weights, cosine.shape))) };
  });
}

describe("cosineSimilarity", () => {
  test("is the dot product over the product of the norms, in value and both gradients", async () => {
    const got = await evaluate();
    expect(relativeError(got.cosine, cosines(a, b))).toBeLessThan(1e-5);
    const byA = (u: readonly number[]) => dot(cosines(u, b), WEIGHTS);
    const byB = (v: readonly number[]) => dot(cosines(a, v), WEIGHTS);
    expect(relativeError(got["grad/a"], finiteDifferences(byA, a))).toBeLessThan(1e-5);
    expect(relativeError(got["grad/b"], finiteDifferences(byB, b))).toBeLessThan(1e-5);
  });

  test("parallel, opposite, orthogonal and zero vectors have cosines 1, -1, 0 and 0, and finite gradients", async () => {
    const got = await evaluate([1, 2, 1, 2, 1, 2, 0, 0], [10, 20, -3, -6, 2, -1, 1, 1], 2);
    expect(got.cosine.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([1, -1, 0, 0]);
    expect([...got["grad/a"], ...got["grad/b"]].every(Number.isFinite)).toBe(true);
  });

  test("does not change with the length of either vector, whose gradient shrinks as it grows", async () => {
    const plain = await evaluate();
    const factor = (i: number) => [1e-3, 0.5, 700][Math.floor(i / D)]!;
    const longer = a.map((value, i) => value * factor(i));
    const [left, right] = [await evaluate(longer, b), await evaluate(b, longer)];
    for (const { cosine } of [left, right]) expect(relativeError(cosine, plain.cosine)).toBeLessThan(1e-5);
    const shrunk = left["grad/a"].map((value, i) => value * factor(i));
    expect(relativeError(shrunk, plain["grad/a"])).toBeLessThan(1e-5);
  });

  test("does not change when the two change places, or are turned and mirrored together", async () => {
    const plain = await evaluate();
    const swapped = await evaluate(b, a);
    expect(relativeError(swapped.cosine, plain.cosine)).toBeLessThan(1e-6);
    expect(relativeError(swapped["grad/a"], plain["grad/b"])).toBeLessThan(1e-6);
    const turned = (values: Float32Array) =>
      rowsOf(values, D).flatMap(([x, y, z, ...rest]) => [
        0.6 * x! - 0.8 * y!,
        0.8 * x! + 0.6 * y!,
        -z!,
        ...rest,
      ]);
    const { cosine } = await evaluate(turned(a), turned(b));
    expect(relativeError(cosine, plain.cosine)).toBeLessThan(1e-5);
  });

  test("goes along the axis that it is told", async () => {
    const leaves = { a: leaf(a, D, B), b: leaf(b, D, B) };
    const got = await evaluateLoss(leaves, (x) => {
      const cosine = cosineSimilarity(x.a, x.b, 0);
      return { cosine, loss: sum(cosine) };
    });
    const columns = (values: Float32Array) =>
      Array.from({ length: B * D }, (_, i) => values[(i % D) * B + Math.floor(i / D)]!);
    expect(relativeError(got.cosine, cosines(columns(a), columns(b)))).toBeLessThan(1e-5);
  });

  test("compares every row of one with each of the other, where their axes broadcast", async () => {
    const got = await evaluateLoss({ a: leaf(a, B, D), b: leaf(b, B, D) }, (x) => {
      const cosine = cosineSimilarity(reshape(x.a, [B, 1, D]), x.b); // [B, B]
      return { cosine, loss: sum(cosine) };
    });
    const all = (v: ArrayLike<number>) =>
      rowsOf(a, D).flatMap((row) =>
        cosines(
          rowsOf(v, D).flatMap(() => row),
          v,
        ),
      );
    expect(relativeError(got.cosine, all(b))).toBeLessThan(1e-5);
    const summed = (v: readonly number[]) => all(v).reduce((x, y) => x + y);
    expect(relativeError(got["grad/b"], finiteDifferences(summed, b))).toBeLessThan(1e-5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });
});
