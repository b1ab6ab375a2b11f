import { expect, test } from "vitest";
import { calibrationError } from "./calibration-error.ts";

const pairs = (...values: number[]) => ({
  rows: values.length,
  cols: 2,
  data: Float32Array.from(values.flatMap((p) => [p, 1 - p])),
});

test("the calibration error is the mean gap of the bins, and the bins say where it is", () => {
  // Predictions 0, 0, 0, 1 with confidence 0.75, 0.75, 0.875, 1; the first of the three is wrong.
  const { error, bins } = calibrationError([1, 0, 0, 1], pairs(0.75, 0.75, 0.875, 0), 4);
  expect(bins[2]).toEqual({ from: 0.5, to: 0.75, pictures: 2, confidence: 0.75, accuracy: 0.5 });
  expect(bins[3]).toEqual({ from: 0.75, to: 1, pictures: 2, confidence: 0.9375, accuracy: 1 });
  expect(bins[0]).toMatchObject({ pictures: 0, confidence: 0, accuracy: 0 });
  expect(error).toBeCloseTo((2 * 0.25 + 2 * 0.0625) / 4, 12);
});

test("certain and right predictions have no error, certain and wrong ones have 1, in 15 bins by default", () => {
  expect(calibrationError([0, 1], pairs(1, 0)).error).toBe(0);
  expect(calibrationError([1, 0], pairs(1, 0)).error).toBe(1);
  expect(calibrationError([1, 0], pairs(1, 0)).bins).toHaveLength(15);
});

test("the calibration error refuses logits", () => {
  expect(() => calibrationError([0, 1], pairs(0.5, 3))).toThrow("a number from 0 to 1; got 3");
  expect(() => calibrationError([0, 1], pairs(0.5, 1), 0)).toThrow("number of bins");
});
