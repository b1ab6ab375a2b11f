import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total, unitRows } from "../../test/support/rows.ts";
import { constant, input } from "../tensor/index.ts";
import { nonParametricSoftmax, nonParametricSoftmaxWithAccuracy } from "./non-parametric-softmax.ts";

const [B, N, D] = [4, 9, 5];
const INDICES = [8, 0, 3, 3];
const unit = (name: string, rows: number) => unitRows(rowsOf(deterministic(name, rows * D), D)).flat();
const embeddings = unit("npsoftmax.v", B);
const bank = unit("npsoftmax.bank", N);

/** Equations 2 and 3: -log P(i|v) with P the softmax over the bank. */
function equation3(v: ArrayLike<number>, temperature: number): number {
  const terms = rowsOf(v, D).map((embedding, b) => {
    const scores = rowsOf(bank, D).map((row) => Math.exp(dot(row, embedding) / temperature));
    return -Math.log(scores[INDICES[b]!]! / total(scores));
  });
  return average(terms);
}

function evaluate(temperature: number, v: number[] = embeddings, rows: number[] = bank, rowsAtOnce = 100) {
  return evaluateLoss({ v: leaf(v, B, D), rows: leaf(rows, N, D) }, (tensors) => ({
    ...nonParametricSoftmaxWithAccuracy({
      embeddings: tensors.v,
      bank: tensors.rows,
      indices: constant(INDICES, [B], "int64"),
      temperature,
      rowsAtOnce,
    }),
  }));
}

describe("nonParametricSoftmax", () => {
  test.each([0.05, 0.07, 1])(
    "is equation 3 at temperature %f, in value and gradient",
    async (temperature) => {
      const got = await evaluate(temperature);
      const formula = (v: readonly number[]) => equation3(v, temperature);
      expect(relativeError(got.loss, [formula(embeddings)])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/v"], finiteDifferences(formula, embeddings))).toBeLessThan(1e-4);
    },
  );

  test("hands no gradient to the bank", async () => {
    expect((await evaluate(0.1))["grad/rows"].every((value) => value === 0)).toBe(true);
  });

  test("is ln N for a bank of equal rows", async () => {
    const flat = Array.from({ length: N }, () => unit("npsoftmax.one", 1)).flat();
    expect((await evaluate(0.07, embeddings, flat)).loss[0]).toBeCloseTo(Math.log(N), 5);
  });

  test("is the same in stretches, and when embeddings and bank are turned the same way", async () => {
    const whole = await evaluate(0.1);
    const parts = await evaluate(0.1, embeddings, bank, 3);
    for (const name of ["loss", "accuracy", "grad/v"] as const)
      expect(relativeError(parts[name], whole[name]), name).toBeLessThan(1e-5);
    const turned = (values: number[]) => rowsOf(values, D).flatMap(([a, b, ...rest]) => [-b!, a!, ...rest]);
    expect((await evaluate(0.1, turned(embeddings), turned(bank))).loss[0]).toBeCloseTo(whole.loss[0]!, 5);
  });

  test("counts the share of embeddings that are nearest to their own row", async () => {
    const own = INDICES.flatMap((index) => bank.slice(index * D, (index + 1) * D));
    expect((await evaluate(0.1, own)).accuracy[0]).toBe(1);
    const strangers = [8, 0, 3, 4].flatMap((index) => bank.slice(index * D, (index + 1) * D));
    expect((await evaluate(0.1, strangers)).accuracy[0]).toBe(0.75);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(0.1)).toEqual(await evaluate(0.1));
  });

  test("refuses what does not fit", () => {
    const build = (rows: number[], indices: number[]) => () =>
      nonParametricSoftmax({
        embeddings: input("v", [4, 5]),
        bank: input("rows", rows),
        indices: input("i", indices, "int64"),
        temperature: 1,
      });
    expect(build([9, 4], [4])).toThrow(/embeddings \[B, D\], indices \[B\], bank \[N, D\]/);
    expect(build([9, 5], [3])).toThrow(/embeddings \[B, D\], indices \[B\], bank \[N, D\]/);
  });
});
