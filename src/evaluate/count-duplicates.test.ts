import { expect, test } from "vitest";
import { countDuplicates } from "./count-duplicates.ts";

test("counts rows that are equal to one before them", () => {
  const count = (...rows: number[][]) =>
    countDuplicates({ rows: rows.length, cols: 2, data: Float32Array.from(rows.flat()) });
  expect(count([1, 2], [2, 1], [1, 3])).toBe(0);
  expect(count([1, 2], [1, 3], [1, 2], [1, 2], [1, 3])).toBe(3);
  expect(count([0, 1], [-0, 1])).toBe(1);
  const constant = { rows: 5000, cols: 3, data: new Float32Array(15_000).fill(0.5) };
  expect(countDuplicates(constant)).toBe(4999);
});
