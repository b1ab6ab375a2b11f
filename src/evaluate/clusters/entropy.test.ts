import { expect, test } from "vitest";
import { entropy } from "./entropy.ts";

test("the entropy of equal weights is the logarithm of their number, and of a single one 0", () => {
  expect(entropy([3, 3, 3, 3])).toBeCloseTo(Math.log(4), 14);
  expect(Object.is(entropy([0, 7, 0]), 0)).toBe(true);
  // (1/2)·log 2 + 2·(1/4)·log 4
  expect(entropy([0.5, 0.25, 0.25])).toBeCloseTo(1.5 * Math.LN2, 14);
});

test("the entropy does not change with the unit of the weights", () => {
  expect(entropy([1e-300, 3e-300])).toBeCloseTo(entropy([1, 3]), 14);
});

test("weights of nothing and below 0 have no entropy", () => {
  for (const weights of [[], [0, 0], [1, -1], [Number.NaN]])
    expect(() => entropy(weights)).toThrow("weights");
});
