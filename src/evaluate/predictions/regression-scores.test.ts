import { expect, test } from "vitest";
import { regressionScores } from "./regression-scores.ts";

test("perfect predictions have R² 1, and the mean of the targets has 0", () => {
  expect(regressionScores([1, 2, 6], [1, 2, 6])).toEqual({ mae: 0, rmse: 0, r2: 1 });
  const { mae, rmse, r2 } = regressionScores([1, 2, 6], [3, 3, 3]);
  expect([mae, r2]).toEqual([2, 0]);
  expect(rmse).toBeCloseTo(Math.sqrt(14 / 3), 12);
});

test("R² is not defined for equal targets, whatever rounding makes of their mean", () => {
  expect(regressionScores([0.1, 0.1, 0.1], [1, 2, 3]).r2).toBeNull();
  expect(regressionScores([4], [4]).r2).toBeNull();
});

test("numbers that are missing or not finite are refused", () => {
  expect(() => regressionScores([], [])).toThrow("at least one");
  expect(() => regressionScores([1], [1, 2])).toThrow("1 targets and 2 predictions");
  expect(() => regressionScores([1, Number.NaN], [1, 2])).toThrow("a target is not a finite number (row 1)");
});
