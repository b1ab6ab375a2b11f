import { expect, test } from "vitest";
import { measureColumns, standardize } from "./standardize.ts";

test("standardised columns have mean 0 and deviation 1, by the rows they were measured on", () => {
  const train = { rows: 4, cols: 2, data: Float32Array.of(1, 1000, 2, 1002, 3, 1004, 6, 1006) };
  const columns = measureColumns(train);
  expect(Array.from(columns.mean)).toEqual([3, 1003]);
  expect(columns.scale[0]).toBeCloseTo(1 / Math.sqrt(3.5), 12);
  expect(columns.scale[1]).toBeCloseTo(1 / Math.sqrt(5), 12);
  const test = standardize({ rows: 1, cols: 2, data: Float32Array.of(10, 1003) }, columns);
  expect(Array.from(test.data)).toEqual([Math.fround(7 / Math.sqrt(3.5)), 0]);
});

test("a column that does not vary becomes 0, on other rows too", () => {
  const train = { rows: 3, cols: 1, data: Float32Array.of(0.1, 0.1, 0.1) };
  const columns = measureColumns(train);
  expect(Array.from(standardize({ rows: 2, cols: 1, data: Float32Array.of(0.1, 9) }, columns).data)).toEqual([
    0, 0,
  ]);
});
