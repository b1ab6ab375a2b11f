import { Matrix as Dense, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { rankMe } from "./rank-me.ts";

const matrix = (name: string, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: deterministic(name, rows * cols),
});

/** Equation 1 over the singular values of a full decomposition. */
function plainRankMe({ rows, cols, data }: Matrix): number {
  const dense = Dense.from1DArray(rows, cols, Array.from(data));
  const sigmas = new SingularValueDecomposition(dense, { autoTranspose: true }).diagonal;
  const total = sigmas.reduce((a, b) => a + b);
  const p = sigmas.map((sigma) => sigma / total + 1e-7);
  return Math.exp(-p.reduce((sum, value) => sum + value * Math.log(value), 0));
}

describe("rankMe", () => {
  test.each([
    ["more rows than columns", 40, 9],
    ["more columns than rows", 7, 30],
    ["an odd number of both", 31, 31],
    ["one column", 5, 1],
  ])("is equation 1 over the singular values: %s", (_, rows, cols) => {
    const features = matrix("rank-me", rows, cols);
    expect(rankMe(features).rankMe).toBeCloseTo(plainRankMe(features), 6);
    expect(rankMe(features)).toMatchObject({ limit: Math.min(rows, cols), rows });
  });

  test("is D for an orthogonal set, and about r for a set of r directions", () => {
    const identity = {
      rows: 6,
      cols: 6,
      data: Float32Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 3 : 0)),
    };
    expect(rankMe(identity).rankMe).toBeCloseTo(6, 4);
    const two = { rows: 50, cols: 8, data: new Float32Array(400) };
    for (let row = 0; row < 50; row++) two.data[row * 8 + (row % 2)] = 2;
    expect(rankMe(two).rankMe).toBeCloseTo(2, 4);
  });

  test("is 1 when all rows are one, and 0 when there is nothing at all", () => {
    const data = Float32Array.from({ length: 64 * 16 }, (_, i) => 1 + (i % 16));
    expect(rankMe({ rows: 64, cols: 16, data }).rankMe).toBeCloseTo(1, 4);
    expect(rankMe({ rows: 3, cols: 4, data: new Float32Array(12) }).rankMe).toBe(0);
  });

  test("does not depend on the scale of the features", () => {
    const features = matrix("scale", 40, 9);
    const scaled = { ...features, data: features.data.map((value) => value * 64) };
    expect(rankMe(scaled).rankMe).toBeCloseTo(rankMe(features).rankMe, 9);
  });

  test("looks at 2,048 evenly spread rows of a large set, and says so", () => {
    // Only every fourth of 8,192 rows is used; the others lie along one axis and would lower the rank.
    const data = new Float32Array(8192 * 4);
    const drawn = deterministic("drawn", 2048 * 4);
    for (let row = 0; row < 8192; row++) {
      if (row % 4 === 0) data.set(drawn.subarray(row, row + 4), row * 4);
      else data[row * 4] = 1;
    }
    const seen = rankMe({ rows: 8192, cols: 4, data });
    expect(seen).toMatchObject({ limit: 4, rows: 2048 });
    expect(seen.rankMe).toBeCloseTo(rankMe({ rows: 2048, cols: 4, data: drawn }).rankMe, 9);
  });

  test("looks at 768 rows of very wide features", () => {
    const data = new Float32Array(800 * 800);
    for (let row = 0; row < 800; row++) data[row * 800 + (row % 5)] = 1;
    const seen = rankMe({ rows: 800, cols: 800, data });
    expect(seen).toMatchObject({ limit: 768, rows: 768 });
    expect(seen.rankMe).toBeCloseTo(5, 2);
  });
});
