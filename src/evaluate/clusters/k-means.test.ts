import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { randomStream } from "../../random/random-stream.ts";
import { contingencyTable } from "./contingency-table.ts";
import { kMeans } from "./k-means.ts";
import { matchedAccuracy } from "./matched-accuracy.ts";

const rowOf = ({ cols, data }: Matrix, row: number) =>
  Array.from(data.subarray(row * cols, (row + 1) * cols));
const squared = (x: readonly number[], y: readonly number[]) =>
  x.reduce((sum, value, col) => sum + (value - y[col]!) ** 2, 0);
const matrixOf = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  cols: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
});

/** `count` points around each of some centres. */
function blobs(centres: readonly (readonly number[])[], count: number, spread: number): Matrix {
  const random = randomStream(0, "blobs", 0, 0);
  return matrixOf(
    centres.flatMap((centre) =>
      Array.from({ length: count }, () => centre.map((value) => value + spread * random.normal())),
    ),
  );
}

/** The means of the clusters and the sum of squared distances from them, in loops. */
function plainMeans(features: Matrix, clusters: ArrayLike<number>, k: number) {
  const rows = Array.from({ length: features.rows }, (_, row) => rowOf(features, row));
  const means = Array.from({ length: k }, (_, cluster) => {
    const own = rows.filter((_, row) => clusters[row] === cluster);
    return rows[0]!.map((_, col) => own.reduce((sum, row) => sum + row[col]!, 0) / own.length);
  });
  const inertia = rows.reduce((sum, row, at) => sum + squared(row, means[clusters[at]!]!), 0);
  return { rows, means, inertia };
}

/** Plain Lloyd's algorithm in double precision: from given centres until no row moves. */
function plainLloyd(features: Matrix, first: readonly (readonly number[])[]) {
  let clusters: number[] = [];
  let means = first.map((centre) => [...centre]);
  for (;;) {
    const next = Array.from({ length: features.rows }, (_, row) => {
      const distances = means.map((mean) => squared(rowOf(features, row), mean));
      return distances.indexOf(Math.min(...distances));
    });
    if (next.every((cluster, row) => cluster === clusters[row])) return { clusters, means };
    clusters = next;
    ({ means } = plainMeans(features, clusters, first.length));
  }
}

const CORNERS = [
  [0, 0, 0],
  [8, 0, 0],
  [0, 8, 0],
  [0, 0, 8],
];

describe("kMeans", () => {
  test("finds clusters that stand apart, and their means", async () => {
    const features = blobs(CORNERS, 30, 1);
    const labels = Array.from({ length: 120 }, (_, row) => Math.floor(row / 30));
    const result = await kMeans({ features, k: 4, seed: 0, threads: 1 });
    expect(matchedAccuracy(contingencyTable(labels, result.clusters))).toBe(1);
    expect(Array.from(result.sizes)).toEqual([30, 30, 30, 30]);
    expect(result.hasConverged).toBe(true);
  });

  test("ends where plain k-means stands still, with its inertia, on any points", async () => {
    const points = fc
      .record({
        rows: fc.integer({ min: 3, max: 40 }),
        cols: fc.integer({ min: 1, max: 4 }),
        k: fc.integer({ min: 1, max: 3 }),
        seed: fc.integer({ min: 0, max: 1000 }),
      })
      .map((shape) => ({
        ...shape,
        data: deterministic(`k-means/${shape.seed}`, shape.rows * shape.cols, 3),
      }));
    await fc.assert(
      fc.asyncProperty(points, async ({ rows, cols, k, seed, data }) => {
        const features = { rows, cols, data };
        const result = await kMeans({ features, k, seed, restarts: 1, tolerance: 0, threads: 1 });
        const { rows: all, means, inertia } = plainMeans(features, result.clusters, k);
        expect(result.inertia).toBeCloseTo(inertia, 10);
        for (const [cluster, mean] of means.entries())
          for (const [col, value] of mean.entries())
            expect(result.centres.data[cluster * cols + col]).toBeCloseTo(value, 5);
        // No row is nearer to another mean, but for float32's rounding.
        for (const [row, own] of all.entries()) {
          const nearest = Math.min(...means.map((mean) => squared(own, mean)));
          expect(squared(own, means[result.clusters[row]!]!)).toBeLessThan(nearest + 1e-4);
        }
        expect(result.hasConverged).toBe(true);
        expect(Array.from(result.sizes).every((size) => size > 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("is as good as the best of many plain starts, on points without clear clusters", async () => {
    const features = { rows: 90, cols: 3, data: deterministic("no-clusters", 270) };
    const result = await kMeans({ features, k: 5, seed: 0, restarts: 20, threads: 1 });
    const inertias = Array.from({ length: 60 }, (_, start) => {
      const order = randomStream(start, "plain-starts", 0, 0).permutation(90);
      const first = Array.from(order.subarray(0, 5), (row) => rowOf(features, row));
      return plainMeans(features, plainLloyd(features, first).clusters, 5).inertia;
    });
    expect(result.inertia).toBeLessThanOrEqual(Math.min(...inertias) * 1.02);
  });

  test("more starts are never worse, and the same seed gives the same bits", async () => {
    const features = { rows: 80, cols: 4, data: deterministic("starts", 320) };
    const asked = { features, k: 7, seed: 3, threads: 1 };
    const inertias = [];
    for (const restarts of [1, 3, 10]) inertias.push((await kMeans({ ...asked, restarts })).inertia);
    expect(inertias).toEqual([...inertias].sort((a, b) => b - a));
    for (const threads of [1, 2])
      expect(await kMeans({ ...asked, threads })).toEqual(await kMeans({ ...asked, threads }));
    expect((await kMeans({ ...asked, seed: 4, restarts: 1 })).clusters).not.toEqual(
      (await kMeans({ ...asked, restarts: 1 })).clusters,
    );
  });

  test("does not change with a shift of all rows, or with their unit", async () => {
    const features = blobs(CORNERS, 20, 2);
    const { clusters, inertia } = await kMeans({ features, k: 4, seed: 0, threads: 1 });
    const far = { ...features, data: features.data.map((value) => value + 4096) };
    expect((await kMeans({ features: far, k: 4, seed: 0, threads: 1 })).clusters).toEqual(clusters);
    for (const unit of [2 ** 90, 2 ** -90]) {
      const scaled = { ...features, data: features.data.map((value) => value * unit) };
      const result = await kMeans({ features: scaled, k: 4, seed: 0, threads: 1 });
      expect(result.clusters).toEqual(clusters);
      expect(result.inertia / inertia / unit ** 2).toBeCloseTo(1, 10);
    }
  });

  test("with cosine, lengths of rows mean nothing", async () => {
    const features = blobs(
      [
        [9, 1, 0],
        [0, 9, 1],
        [1, 0, 9],
      ],
      20,
      1,
    );
    const data = features.data.map((value, at) => value * 2 ** (Math.floor(at / 3) % 5));
    const asked = { k: 3, seed: 0, metric: "cosine" as const, threads: 1 };
    const [one, other] = [
      await kMeans({ features, ...asked }),
      await kMeans({ features: { ...features, data }, ...asked }),
    ];
    expect(other.clusters).toEqual(one.clusters);
    expect(other.inertia).toBeCloseTo(one.inertia, 6);
    const unit = matrixOf(
      Array.from({ length: 60 }, (_, row) => {
        const own = rowOf(features, row);
        return own.map((value) => value / Math.hypot(...own));
      }),
    );
    expect(one.inertia / plainMeans(unit, one.clusters, 3).inertia).toBeCloseTo(1, 6);
  });

  test("of as many clusters as rows gives each its own", async () => {
    const features = { rows: 12, cols: 2, data: deterministic("each", 24) };
    const result = await kMeans({ features, k: 12, seed: 0, threads: 1 });
    expect(new Set(result.clusters).size).toBe(12);
    expect(result.inertia).toBe(0);
  });

  test("of fewer different rows than clusters leaves clusters empty", async () => {
    const features = matrixOf([
      [1, 2],
      [1, 2],
      [5, 5],
      [5, 5],
      [5, 5],
    ]);
    const result = await kMeans({ features, k: 4, seed: 0, threads: 1 });
    expect(Array.from(result.sizes).sort()).toEqual([0, 0, 2, 3]);
    expect(result.inertia).toBe(0);
    const blank = await kMeans({ features: matrixOf([[3], [3], [3]]), k: 2, seed: 0, threads: 1 });
    expect(Array.from(blank.sizes).sort()).toEqual([0, 3]);
  });

  test("compares more rows than one run of the graph takes", async () => {
    const rows = 40_000;
    const data = Float32Array.from({ length: rows }, (_, row) => (row % 2) * 10 + (row % 7) / 7);
    const result = await kMeans({
      features: { rows, cols: 1, data },
      k: 2,
      seed: 0,
      restarts: 1,
      threads: 1,
    });
    expect(Array.from(result.clusters.subarray(0, 4))).toEqual(
      result.clusters[0] === 0 ? [0, 1, 0, 1] : [1, 0, 1, 0],
    );
    expect(Array.from(result.sizes)).toEqual([rows / 2, rows / 2]);
  });

  test.each([
    [{ k: 0 }, /number of clusters/],
    [{ k: 4 }, /from 1 to 3/],
    [{ restarts: 0 }, /restarts/],
    [{ iterations: 0 }, /iterations/],
    [{ tolerance: -1 }, /tolerance/],
    [{ tolerance: Number.NaN }, /tolerance/],
    [{ features: matrixOf([[1], [Number.NaN], [2]]) }, /not finite/],
    [{ features: { rows: 2, cols: 2, data: new Float32Array(3) } }, /feature matrix/],
  ])("refuses %o", async (wrong, message) => {
    const asked = { features: matrixOf([[1], [2], [3]]), k: 2, seed: 0, threads: 1, ...wrong };
    await expect(kMeans(asked)).rejects.toThrow(message);
  });
});
