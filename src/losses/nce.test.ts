import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf, total } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { nce, nceNormalizer } from "./nce.ts";

const [B, K, N] = [4, 12, 500];
const positives = deterministic("nce.p", B);
const negatives = deterministic("nce.n", B * K);

/**
 * Equations 6 and 7: h = P / (P + K·1/N), the cross-entropy of "no noise" for the positive and of "noise" for
 * negatives.
 */
function equation7(
  p: ArrayLike<number>,
  n: ArrayLike<number>,
  temperature: number,
  normalizer: number,
): number {
  const h = (similarity: number) => {
    const probability = Math.exp(similarity / temperature) / normalizer;
    return probability / (probability + K / N);
  };
  const others = rowsOf(n, K);
  const terms = Array.from(p, (value, b) => {
    return -Math.log(h(value)) - total(others[b]!.map((negative) => Math.log(1 - h(negative))));
  });
  return average(terms);
}

/** Equation 8, positives counted in. */
function equation8(temperature: number): number {
  return N * average([...positives, ...negatives].map((similarity) => Math.exp(similarity / temperature)));
}

function evaluate(
  temperature: number,
  normalizer: number,
  p: ArrayLike<number> = positives,
  n: ArrayLike<number> = negatives,
) {
  const inputs = { p: leaf(p, B), n: leaf(n, B, K), z: leaf([normalizer]) };
  return evaluateLoss(inputs, (tensors) => {
    const similarities = { positives: tensors.p, negatives: tensors.n, temperature, bankSize: N };
    return {
      loss: nce({ ...similarities, normalizer: tensors.z }),
      withNumber: nce({ ...similarities, normalizer }),
      normalizer: nceNormalizer(similarities),
    };
  });
}

describe("nce", () => {
  test.each([0.05, 0.07, 0.5])(
    "is equation 7 at temperature %f, in value and gradients",
    async (temperature) => {
      const z = equation8(temperature);
      const got = await evaluate(temperature, z);
      const byP = (p: readonly number[]) => equation7(p, negatives, temperature, z);
      const byN = (n: readonly number[]) => equation7(positives, n, temperature, z);
      expect(relativeError(got.loss, [equation7(positives, negatives, temperature, z)])).toBeLessThan(1e-5);
      expect(got.withNumber[0]).toBeCloseTo(got.loss[0]!, 5);
      expect(relativeError(got["grad/p"], finiteDifferences(byP, positives))).toBeLessThan(1e-4);
      expect(relativeError(got["grad/n"], finiteDifferences(byN, negatives))).toBeLessThan(1e-4);
      expect(got["grad/z"]).toEqual([0]);
    },
  );

  test("is ln(K + 1) + K·ln(1 + 1/K) where every row of the bank has the probability 1/N", async () => {
    const flat = (count: number) => new Float32Array(count).fill(0.3);
    const got = await evaluate(0.1, N * Math.exp(3), flat(B), flat(B * K));
    expect(got.loss[0]).toBeCloseTo(Math.log(K + 1) + K * Math.log(1 + 1 / K), 4);
  });

  test("does not change with the order of the negatives, or when similarities and Z grow together", async () => {
    const { loss } = await evaluate(0.1, 1e4);
    const reversed = rowsOf(negatives, K).flatMap((row) => row.reverse());
    expect((await evaluate(0.1, 1e4, positives, reversed)).loss[0]).toBeCloseTo(loss[0]!, 4);
    const more = (values: Float32Array) => values.map((value) => value + 0.1);
    const shifted = await evaluate(0.1, 1e4 * Math.E, more(positives), more(negatives));
    expect(shifted.loss[0]).toBeCloseTo(loss[0]!, 4);
  });

  test("keeps its digits for similarities of 1 and -1 at temperature .05", async () => {
    const z = N * Math.exp(20);
    const got = await evaluate(0.05, z, new Float32Array(B).fill(-1), new Float32Array(B * K).fill(1));
    // The positive's P is exp(-40)/N, and each negative's 1/N.
    expect(relativeError(got.loss, [40 + Math.log(K) + K * Math.log(1 + 1 / K)])).toBeLessThan(1e-5);
    expect([...got["grad/p"], ...got["grad/n"]].every(Number.isFinite)).toBe(true);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(0.07, 1e5)).toEqual(await evaluate(0.07, 1e5));
  });

  test("refuses similarities that do not fit each other", () => {
    const similarities = {
      positives: input("p", [4]),
      negatives: input("n", [3, 9]),
      temperature: 1,
      bankSize: 9,
    };
    expect(() => nce({ ...similarities, normalizer: 1 })).toThrow(
      /positives \[B\] and of negatives \[B, K\]/,
    );
    expect(() => nceNormalizer(similarities)).toThrow(/positives \[B\] and of negatives \[B, K\]/);
  });
});

describe("nceNormalizer", () => {
  test.each([0.05, 0.5])("is N times the mean exponential at temperature %f", async (temperature) => {
    const { normalizer } = await evaluate(temperature, 1);
    expect(relativeError(normalizer, [equation8(temperature)])).toBeLessThan(1e-5);
  });

  test("is N·exp(1/τ) where all similarities are 1", async () => {
    const ones = (count: number) => new Float32Array(count).fill(1);
    const { normalizer } = await evaluate(0.5, 1, ones(B), ones(B * K));
    expect(relativeError(normalizer, [N * Math.exp(2)])).toBeLessThan(1e-6);
  });
});
