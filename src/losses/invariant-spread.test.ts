import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total, unitRows } from "../../test/support/rows.ts";
import { input, split } from "../tensor/index.ts";
import { invariantSpread, invariantSpreadWithTerms } from "./invariant-spread.ts";
import { ntXent } from "./nt-xent.ts";

const [B, D] = [4, 5];
const random = deterministic("invariant-spread", 2 * B * D);

/** BatchCriterion's two terms: rows of z against constant rows. */
function batchCriterion(z: ArrayLike<number>, held: ArrayLike<number>, temperature: number) {
  const fixed = unitRows(rowsOf(held, D));
  const terms = unitRows(rowsOf(z, D)).map((anchor, i) => {
    const exps = fixed.map((row, k) => (k === i ? 0 : Math.exp(dot(anchor, row) / temperature)));
    const other = (i + fixed.length / 2) % fixed.length;
    const rest = exps.map((value, j) => {
      if (j === i || j === other) return 0;
      // 1 - P(j|i) as the share of the others.
      return -Math.log(
        total(exps.filter((_, k) => k !== j)) / (total(exps.filter((_, k) => k !== j)) + value),
      );
    });
    return { invariance: -Math.log(exps[other]! / total(exps)), spread: total(rest) };
  });
  const invariance = average(terms.map((term) => term.invariance));
  const spread = average(terms.map((term) => term.spread));
  return { loss: invariance + spread, invariance, spread };
}

function evaluate(temperature: number, z: ArrayLike<number> = random, rowsAtOnce = 100) {
  const rows = z.length / D;
  return evaluateLoss({ z: leaf(z, rows, D) }, (tensors) => {
    const [first, second] = split(tensors.z, 0, [rows / 2, rows / 2]) as [typeof tensors.z, typeof tensors.z];
    const terms = invariantSpreadWithTerms(first, second, { temperature, rowsAtOnce });
    return { ...terms, ntXent: ntXent(first, second, { temperature }) };
  });
}

describe("invariantSpread", () => {
  test.each([0.05, 0.1, 1])(
    "is the authors' BatchCriterion at temperature %f, in value, terms and gradient",
    async (temperature) => {
      const got = await evaluate(temperature);
      const expected = batchCriterion(random, random, temperature);
      for (const name of ["loss", "invariance", "spread"] as const)
        expect(relativeError(got[name], [expected[name]]), name).toBeLessThan(1e-5);
      const formula = (z: readonly number[]) => batchCriterion(z, random, temperature).loss;
      expect(relativeError(got["grad/z"], finiteDifferences(formula, random))).toBeLessThan(1e-4);
    },
  );

  test("has NT-Xent as its first term", async () => {
    const got = await evaluate(0.2);
    expect(got.invariance[0]).toBeCloseTo(got.ntXent[0]!, 5);
  });

  test("is ln n + (n - 1)·ln(n / (n - 1)), n = 2B - 1, when all rows are equal", async () => {
    const got = await evaluate(0.1, new Float32Array(2 * B * D).fill(0.7));
    const n = 2 * B - 1;
    expect(got.invariance[0]).toBeCloseTo(Math.log(n), 5);
    expect(got.spread[0]).toBeCloseTo((n - 1) * Math.log(n / (n - 1)), 5);
    expect(got["grad/z"].every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  test("is 0 for the two views of a single picture", async () => {
    const got = await evaluate(0.1, random.subarray(0, 2 * D));
    expect(got.loss[0]).toBeCloseTo(0, 5);
    expect(got["grad/z"].every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  test("does not change with the order of the pictures or the length of a row, nor in stretches", async () => {
    const { loss, "grad/z": gradient } = await evaluate(0.2);
    const row = (i: number) => Array.from(random.subarray(i * D, (i + 1) * D));
    const shuffled = [2, 0, 3, 1, 6, 4, 7, 5].flatMap(row);
    const scaled = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => row(i).map((value) => value * (i + 0.5)));
    for (const other of [shuffled, scaled])
      expect((await evaluate(0.2, other)).loss[0]).toBeCloseTo(loss[0]!, 5);
    const parts = await evaluate(0.2, random, 3);
    expect(parts.loss[0]).toBeCloseTo(loss[0]!, 5);
    expect(relativeError(parts["grad/z"], gradient)).toBeLessThan(1e-5);
  });

  // Picture 0's views are opposite, and picture 1 is close to one of them: P(j|i) is 1 for float32, 1 - P
  // some exp(-2/τ).
  test.each([0.05, 0.01])(
    "keeps its digits where another picture has all the probability, at %f",
    async (temperature) => {
      const east = [1, 0, 0, 0, 0];
      const west = [-1, 0.1, 0, 0, 0];
      const z = [east, east, west, west].flat();
      const got = await evaluate(temperature, z);
      // Math.exp reaches that far in double precision.
      const expected = batchCriterion(z, z, temperature);
      const formula = (values: readonly number[]) => batchCriterion(values, z, temperature).loss;
      expect(relativeError(got.loss, [expected.loss])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/z"], finiteDifferences(formula, z))).toBeLessThan(1e-5);
    },
  );

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(0.1)).toEqual(await evaluate(0.1));
  });

  test("refuses views of different shapes", () => {
    expect(() => invariantSpread(input("a", [4, 6]), input("b", [3, 6]), { temperature: 1 })).toThrow(
      /two views \[B, D\] of the same shape/,
    );
  });
});
