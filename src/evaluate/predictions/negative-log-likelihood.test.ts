import { expect, test } from "vitest";
import { negativeLogLikelihood } from "./negative-log-likelihood.ts";

test("the likelihood of equal logits is 1 / C, and huge logits do not overflow", () => {
  const flat = { rows: 2, cols: 4, data: new Float32Array(8).fill(9) };
  expect(negativeLogLikelihood([0, 3], flat)).toBeCloseTo(Math.log(4), 12);
  const huge = { rows: 1, cols: 2, data: Float32Array.of(1e30, 0) };
  expect(negativeLogLikelihood([0], huge)).toBe(0);
  expect(negativeLogLikelihood([1], huge)).toBe(Math.fround(1e30));
});

test("the likelihood refuses what it cannot be of", () => {
  const logits = { rows: 1, cols: 2, data: Float32Array.of(1, 0) };
  expect(() => negativeLogLikelihood([2], logits)).toThrow("from 0 to 1");
  expect(() => negativeLogLikelihood([1], logits, 0)).toThrow("temperature");
  expect(() => negativeLogLikelihood([1], { ...logits, data: Float32Array.of(Number.NaN, 0) })).toThrow(
    "finite",
  );
});
