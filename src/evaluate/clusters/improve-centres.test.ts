import { describe, expect, test } from "vitest";
import { centreDistances } from "./centre-distances.ts";
import { clusterRows } from "./cluster-rows.ts";
import { improveCentres } from "./improve-centres.ts";

/** Lloyd's algorithm on numbers of a line, from given centres. */
async function improve(
  line: number[],
  first: number[],
  settings: { iterations?: number; tolerance?: number } = {},
) {
  const features = { rows: line.length, cols: 1, data: Float32Array.from(line) };
  const rows = clusterRows(features, "euclidean");
  const distances = await centreDistances(rows, { count: first.length, threads: 1, output: "nearest" });
  const mean = line.reduce((a, b) => a + b, 0) / line.length;
  const centres = Float32Array.from(first, (value) => value - mean);
  const options = { centres, k: first.length, distances, iterations: 50, tolerance: 0, ...settings };
  const result = await improveCentres(rows, options);
  await distances.release();
  return { ...result, clusters: Array.from(result.clusters) };
}

describe("improveCentres", () => {
  test("goes where it goes by hand", async () => {
    // From 0 and 1: {0}, {1, 2, 9}, means 0 and 4; {0, 1, 2}, {9}, means 1 and 9; nothing moves.
    expect(await improve([0, 1, 2, 9], [0, 1])).toEqual({
      clusters: [0, 0, 0, 1],
      iterations: 3,
      hasConverged: true,
    });
  });

  test("gives an empty cluster the farthest point", async () => {
    // The third centre is nearest to no point; 9 is farthest from its centre.
    const { clusters } = await improve([0, 1, 2, 9], [0, 2, 100]);
    expect(clusters[3]).toBe(2);
    expect(new Set(clusters).size).toBe(3);
  });

  test("does not take a cluster's only point for an empty one", async () => {
    const { clusters, hasConverged } = await improve([0, 0, 1, 50], [0, 40, 1000]);
    expect(new Set(clusters).size).toBe(3);
    expect(clusters[0]).toBe(clusters[1]);
    expect(hasConverged).toBe(true);
  });

  test("ends at the last iteration, or when the centres stand still", async () => {
    const line = Array.from({ length: 60 }, (_, at) => at ** 1.5);
    const whole = await improve(line, [0, 1, 2]);
    expect(whole.iterations).toBeGreaterThan(4);
    expect(await improve(line, [0, 1, 2], { iterations: 2 })).toMatchObject({
      iterations: 2,
      hasConverged: false,
    });
    const early = await improve(line, [0, 1, 2], { tolerance: 100 });
    expect(early.hasConverged).toBe(true);
    expect(early.iterations).toBeLessThan(whole.iterations);
  });
});
