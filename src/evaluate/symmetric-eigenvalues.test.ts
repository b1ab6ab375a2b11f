import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

const sorted = (values: ArrayLike<number>) => Array.from(values).sort((a, b) => a - b);
const asRows = (rows: number[][]) => rows.map((row) => Float64Array.from(row));

function expectClose(values: ArrayLike<number>, expected: ArrayLike<number>): void {
  const [own, theirs] = [sorted(values), sorted(expected)];
  const scale = Math.max(...theirs.map(Math.abs), 1e-300);
  expect(own.length).toBe(theirs.length);
  for (const [i, value] of own.entries()) expect(Math.abs(value - theirs[i]!) / scale).toBeLessThan(1e-13);
}

describe("symmetricEigenvalues", () => {
  test("are those of ml-matrix for random symmetric matrices of any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.nat(1000), (size, seed) => {
        const values = deterministic(`symmetric.${seed}`, size * size);
        const rows = Array.from({ length: size }, (_, i) =>
          Array.from({ length: size }, (_, j) => values[Math.min(i, j) * size + Math.max(i, j)]!),
        );
        const reference = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true });
        expectClose(symmetricEigenvalues(asRows(rows)), reference.realEigenvalues);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("read the lower triangle only", () => {
    expectClose(
      symmetricEigenvalues(
        asRows([
          [2, 99],
          [1, 2],
        ]),
      ),
      [1, 3],
    );
  });

  test("of the second difference are 2 - 2·cos(kπ/(n + 1))", () => {
    const size = 50;
    const rows = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    );
    const known = Array.from({ length: size }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (size + 1)));
    expectClose(symmetricEigenvalues(asRows(rows)), known);
  });

  test("come out of degenerate matrices too: zeros, ones, repeated and tiny ones", () => {
    expectClose(
      symmetricEigenvalues(
        asRows([
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ]),
      ),
      [0, 0, 0],
    );
    expectClose(
      symmetricEigenvalues(
        asRows([
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ]),
      ),
      [0, 0, 3],
    );
    expectClose(
      symmetricEigenvalues(
        asRows([
          [5, 0, 0],
          [0, 5, 0],
          [0, 0, -2],
        ]),
      ),
      [-2, 5, 5],
    );
    expectClose(
      symmetricEigenvalues(
        asRows([
          [1e-200, 1e-200],
          [1e-200, 1e-200],
        ]),
      ),
      [0, 2e-200],
    );
    expectClose(
      symmetricEigenvalues(
        asRows([
          [0, 1],
          [1, 0],
        ]),
      ),
      [-1, 1],
    );
  });

  test("are not a number, rather than without end, when an entry is not one", () => {
    expect(
      Array.from(
        symmetricEigenvalues(
          asRows([
            [1, 0],
            [Number.NaN, 1],
          ]),
        ),
      ),
    ).toEqual([Number.NaN, Number.NaN]);
  });
});
