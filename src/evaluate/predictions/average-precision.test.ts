import { expect, test } from "vitest";
import { averagePrecision, meanAveragePrecision } from "./average-precision.ts";

test("average precision is the mean precision at the places of what is relevant", () => {
  expect(averagePrecision([1, 0, 1, 0], [4, 3, 2, 1])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  expect(averagePrecision([1, 1, 0], [3, 2, 1])).toBe(1);
  expect(averagePrecision([0, 0], [2, 1])).toBeNull();
});

test("equal scores are one threshold, in any order", () => {
  expect(averagePrecision([1, 0, 0, 0], [1, 1, 1, 1])).toBe(0.25);
  expect(averagePrecision([0, 0, 0, 1], [1, 1, 1, 1])).toBe(0.25);
});

test("a label that no picture has is left out and named; none at all is refused", () => {
  const matrix = (...data: number[]) => ({ rows: 2, cols: 2, data: Float32Array.from(data) });
  const scores = matrix(1, 1, 2, 2);
  const got = meanAveragePrecision(matrix(1, 0, 0, 0), scores);
  expect(got).toMatchObject({ macro: 0.5, byClass: [0.5, null], leftOut: [1] });
  expect(got.micro).toBe(0.25);
  expect(() => meanAveragePrecision(matrix(0, 0, 0, 0), scores)).toThrow("a label to find");
  expect(() => meanAveragePrecision(matrix(0, 2, 0, 0), scores)).toThrow("row 0, column 1");
  expect(() => meanAveragePrecision({ ...scores, rows: 1, data: Float32Array.of(1, 1) }, scores)).toThrow(
    "[2, 2]",
  );
});
