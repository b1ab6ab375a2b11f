import type { CentreDistances } from "./centre-distances.ts";
import type { ClusterRows } from "./cluster-rows.ts";

export interface ImproveOptions {
  /** `[k, D]` first centres less the mean of all points, row-major. */
  centres: Float32Array;
  k: number;
  distances: Pick<CentreDistances, "nearest">;
  /** At most; 1 or more. */
  iterations: number;
  /** The centres stand still if the sum of their squared shifts is at most this. */
  tolerance: number;
}

export interface Improved {
  /** `[N]` the cluster of each point. */
  clusters: Int32Array;
  iterations: number;
  /** Whether no point changed its cluster, or the centres stood still. */
  hasConverged: boolean;
}

/**
 * Lloyd's algorithm: points go to their nearest centres, and centres to the means of their points, until
 * nothing changes. A cluster that lost all of its points gets the point that is farthest from its own centre.
 * So clusters stay empty only if there are fewer different points than clusters.
 *
 * Sums are kept in double precision, and only points that change their cluster move between them.
 *
 * Source: Lloyd 1982, "Least squares quantization in PCM".
 */
export async function improveCentres(rows: ClusterRows, options: ImproveOptions): Promise<Improved> {
  const { k, distances, iterations, tolerance } = options;
  const sums = emptySums(rows, k);
  let { centres } = options;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const found = await distances.nearest(centres);
    let moved = 0;
    for (let row = 0; row < rows.points.rows; row++) moved += movePoint(sums, row, found.clusters[row]!);
    if (moved === 0) return { clusters: sums.clusters, iterations: iteration, hasConverged: true };
    fillEmpty(sums, found.distances);
    const before = centres;
    centres = meansOf(sums, before);
    if (squaredShift(centres, before) <= tolerance)
      return { clusters: sums.clusters, iterations: iteration, hasConverged: true };
  }
  return { clusters: sums.clusters, iterations, hasConverged: false };
}

interface ClusterSums extends Pick<ClusterRows, "points" | "mean"> {
  /** `[N]`; -1 before the first assignment. */
  clusters: Int32Array;
  /** `[k]` */
  sizes: Int32Array;
  /** `[k, D]` */
  totals: Float64Array;
}

function emptySums({ points, mean }: ClusterRows, k: number): ClusterSums {
  const clusters = new Int32Array(points.rows).fill(-1);
  return { points, mean, clusters, sizes: new Int32Array(k), totals: new Float64Array(k * points.cols) };
}

/** Moves a point to a cluster; 1 if it was in another one, else 0. */
function movePoint(sums: ClusterSums, row: number, to: number): 0 | 1 {
  const from = sums.clusters[row]!;
  if (from === to) return 0;
  if (from !== -1) addPoint(sums, row, from, -1);
  addPoint(sums, row, to, 1);
  sums.clusters[row] = to;
  return 1;
}

function addPoint({ points, sizes, totals }: ClusterSums, row: number, cluster: number, sign: 1 | -1): void {
  const { cols, data } = points;
  sizes[cluster]! += sign;
  for (let col = 0; col < cols; col++) totals[cluster * cols + col]! += sign * data[row * cols + col]!;
}

/** Gives each empty cluster the farthest point that is not the only one of its cluster. */
function fillEmpty(sums: ClusterSums, distances: Float64Array): void {
  for (const [cluster, size] of sums.sizes.entries()) {
    if (size > 0) continue;
    let farthest = -1;
    for (let row = 0; row < distances.length; row++) {
      const isFarther = distances[row]! > (farthest === -1 ? 0 : distances[farthest]!);
      if (isFarther && sums.sizes[sums.clusters[row]!]! > 1) farthest = row;
    }
    if (farthest === -1) return; // every point is at its centre
    movePoint(sums, farthest, cluster);
    distances[farthest] = 0;
  }
}

/** The mean of each cluster's points less that of all, `[k, D]`; the centre of an empty cluster stays. */
function meansOf({ points, mean, sizes, totals }: ClusterSums, before: Float32Array): Float32Array {
  return Float32Array.from(totals, (total, at) => {
    const size = sizes[Math.floor(at / points.cols)]!;
    return size === 0 ? before[at]! : total / size - mean[at % points.cols]!;
  });
}

function squaredShift(after: Float32Array, before: Float32Array): number {
  return after.reduce((sum, value, at) => sum + (value - before[at]!) ** 2, 0);
}
