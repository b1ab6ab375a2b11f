import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JointTable } from "./contingency-table.ts";
import { entropy } from "./entropy.ts";
import { mutualInformation } from "./mutual-information.ts";

const tables = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), cols: fc.integer({ min: 1, max: 6 }) })
  .chain(({ rows, cols }) =>
    fc
      .array(fc.integer({ min: 0, max: 20 }), { minLength: rows * cols, maxLength: rows * cols })
      .map((data) => ({ rows, cols, data: data.map((weight, at) => (at === 0 ? weight + 1 : weight)) })),
  );

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const rowOf = ({ cols, data }: JointTable, row: number) =>
  Array.from(data).slice(row * cols, (row + 1) * cols);
const marginals = (table: JointTable) => ({
  x: Array.from({ length: table.rows }, (_, row) => sum(rowOf(table, row))),
  y: Array.from({ length: table.cols }, (_, col) =>
    sum(Array.from({ length: table.rows }, (_, row) => rowOf(table, row)[col]!)),
  ),
});

describe("mutualInformation", () => {
  test("is the entropy of one side less what the other leaves of it", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const { x, y } = marginals(table);
        const total = sum(x);
        // H(Y) - Σ p(x) H(Y | x)
        const left = x.map((weight, row) =>
          weight === 0 ? 0 : (weight / total) * entropy(rowOf(table, row)),
        );
        const got = mutualInformation(table);
        expect(got).toBeCloseTo(entropy(y) - sum(left), 12);
        // H(X) + H(Y) - H(X, Y)
        expect(got).toBeCloseTo(entropy(x) + entropy(y) - entropy(table.data), 12);
        expect(got).toBeGreaterThanOrEqual(0);
        expect(got).toBeLessThanOrEqual(Math.min(entropy(x), entropy(y)) + 1e-12);
      }),
    );
  });

  test("is the same both ways, and for counts and their distribution", () => {
    fc.assert(
      fc.property(tables, ({ rows, cols, data }) => {
        const turned = Array.from(
          { length: rows * cols },
          (_, at) => data[(at % rows) * cols + Math.floor(at / rows)]!,
        );
        const got = mutualInformation({ rows, cols, data });
        expect(mutualInformation({ rows: cols, cols: rows, data: turned })).toBeCloseTo(got, 12);
        const total = sum(data);
        expect(mutualInformation({ rows, cols, data: data.map((n) => n / total) })).toBeCloseTo(got, 12);
      }),
    );
  });

  test("is 0 for independent sides, and ln 2 for two equal coins", () => {
    expect(mutualInformation({ rows: 2, cols: 3, data: [2, 4, 6, 3, 6, 9] })).toBeCloseTo(0, 14);
    expect(mutualInformation({ rows: 2, cols: 2, data: [0.5, 0, 0, 0.5] })).toBeCloseTo(Math.LN2, 14);
    expect(mutualInformation({ rows: 1, cols: 1, data: [9] })).toBe(0);
  });

  test("of tiny probabilities is not lost", () => {
    const tiny = [1e-200, 0, 0, 1e-200];
    expect(mutualInformation({ rows: 2, cols: 2, data: tiny })).toBeCloseTo(Math.LN2, 14);
  });
});
