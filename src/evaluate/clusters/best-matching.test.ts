import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestMatching } from "./best-matching.ts";
import type { JointTable } from "./contingency-table.ts";

/** The largest sum, by trying every column for every row, or none. */
function most({ rows, cols, data }: JointTable, row = 0, taken: readonly number[] = []): number {
  if (row === rows) return 0;
  let best = most({ rows, cols, data }, row + 1, taken);
  for (let col = 0; col < cols; col++) {
    if (taken.includes(col)) continue;
    best = Math.max(best, data[row * cols + col]! + most({ rows, cols, data }, row + 1, [...taken, col]));
  }
  return best;
}

const size = fc.integer({ min: 1, max: 5 });
const tables = fc.tuple(size, size).chain(([rows, cols]) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: rows * cols, maxLength: rows * cols })
    .filter((data) => data.some((weight) => weight > 0))
    .map((data) => ({ rows, cols, data })),
);

describe("bestMatching", () => {
  test("has the largest sum of all pairings, for tables of any form", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const colOf = bestMatching(table);
        const paired = Array.from(colOf).filter((col) => col !== -1);
        expect(new Set(paired).size).toBe(paired.length);
        expect(paired).toHaveLength(Math.min(table.rows, table.cols));
        const sum = Array.from(colOf).reduce(
          (total, col, row) => total + (col === -1 ? 0 : table.data[row * table.cols + col]!),
          0,
        );
        expect(sum).toBe(most(table));
      }),
      { numRuns: 300 },
    );
  });

  test("gives up the largest weight where that pays", () => {
    expect(Array.from(bestMatching({ rows: 2, cols: 2, data: [10, 9, 9, 0] }))).toEqual([1, 0]);
  });

  test("leaves rows without a column where there are too few", () => {
    expect(Array.from(bestMatching({ rows: 3, cols: 1, data: [1, 5, 2] }))).toEqual([-1, 0, -1]);
  });

  test("finds a hidden order of 200 rows", () => {
    const data = Float64Array.from({ length: 200 * 200 }, (_, at) => (at * 2654435761) % 97);
    for (let row = 0; row < 200; row++) data[row * 200 + ((row * 7 + 3) % 200)] = 1000;
    const colOf = bestMatching({ rows: 200, cols: 200, data });
    expect(Array.from(colOf)).toEqual(Array.from({ length: 200 }, (_, row) => (row * 7 + 3) % 200));
  });
});
