import { AfterimageError } from "../../errors.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { randomStream } from "../../random/random-stream.ts";
import { requireCount, requireFeatures } from "../checks.ts";
import type { Metric } from "../score-graph.ts";
import { type CentreDistances, centreDistances } from "./centre-distances.ts";
import { type ClusterRows, centredPoints, clusterRows } from "./cluster-rows.ts";
import { type Improved, improveCentres } from "./improve-centres.ts";
import { seedCentres, seedTrials } from "./seed-centres.ts";

export interface KMeansOptions {
  /** `[N, D]`. */
  features: Matrix;
  /** The number of clusters, 1 to N. */
  k: number;
  /** Determines the first centres. */
  seed: number;
  /**
   * Euclidean by default. With cosine, rows are scaled to length 1 first; centres are means of such rows, and
   * are not scaled themselves.
   */
  metric?: Metric;
  /** Starts from other first centres; the result with the lowest inertia is taken. 10 by default. */
  restarts?: number;
  /** At most, for each start; 300 by default. */
  iterations?: number;
  /**
   * A start ends when the sum of the centres' squared shifts is at most this share of the mean variance of a
   * column, 0 or more; 1e-4 by default. It also ends when no row changes its cluster.
   */
  tolerance?: number;
  threads?: number;
}

export interface KMeansResult {
  /** `[N]` the cluster of each row, from 0 to k - 1. */
  clusters: Int32Array;
  /** `[k, D]` the means of the clusters, of rows of length 1 with cosine; zeros for an empty cluster. */
  centres: Matrix;
  /** `[k]` rows in each cluster. One is empty only if fewer than k rows differ. */
  sizes: Int32Array;
  /** Σ over rows of the squared distance from the mean of their cluster. */
  inertia: number;
  /** Of the start whose result this is. */
  iterations: number;
  hasConverged: boolean;
}

/**
 * k-means by Lloyd's algorithm, from first centres by greedy k-means++. Distances are computed by the engine,
 * as products of rows and centres; means and inertia are computed in double precision. The same seed and
 * number of threads give the same clusters.
 *
 * @throws AfterimageError `usage/value` for a k or a setting out of range, `evaluate/shape` and
 * `evaluate/not-finite` for features that cannot be compared.
 */
export async function kMeans(options: KMeansOptions): Promise<KMeansResult> {
  check(options);
  const { features, k, metric = "euclidean", threads = 0 } = options;
  const rows = clusterRows(features, metric);
  const ofSeeds = await centreDistances(rows, { count: seedTrials(k), threads, output: "all" });
  try {
    const ofCentres = await centreDistances(rows, { count: k, threads, output: "nearest" });
    try {
      return await bestOfStarts(rows, options, { ofSeeds, ofCentres });
    } finally {
      await ofCentres.release();
    }
  } finally {
    await ofSeeds.release();
  }
}

interface Engines {
  ofSeeds: CentreDistances;
  ofCentres: CentreDistances;
}

async function bestOfStarts(
  rows: ClusterRows,
  { k, seed, restarts = 10, iterations = 300, tolerance = 1e-4 }: KMeansOptions,
  { ofSeeds, ofCentres }: Engines,
): Promise<KMeansResult> {
  const still = tolerance * meanVariance(rows);
  const from = async (start: number) => {
    const random = randomStream(seed, "k-means", 0, start);
    const seeds = await seedCentres(rows, { k, random, distances: ofSeeds });
    const centres = centredPoints(rows, seeds);
    const settings = { centres, k, distances: ofCentres, iterations, tolerance: still };
    return resultOf(rows.rows, k, await improveCentres(rows, settings));
  };
  let best = await from(0);
  for (let start = 1; start < restarts; start++) {
    const result = await from(start);
    if (result.inertia < best.inertia) best = result;
  }
  return best;
}

/** Of the columns of the points. */
function meanVariance({ points, squares }: ClusterRows): number {
  return squares.reduce((sum, square) => sum + square, 0) / (points.rows * points.cols);
}

function resultOf(rows: Matrix, k: number, { clusters, ...course }: Improved): KMeansResult {
  const { cols, data } = rows;
  const sizes = new Int32Array(k);
  for (const cluster of clusters) sizes[cluster]!++;
  const means = new Float64Array(k * cols);
  for (const [row, cluster] of clusters.entries()) {
    for (let col = 0; col < cols; col++)
      means[cluster * cols + col]! += data[row * cols + col]! / sizes[cluster]!;
  }
  let inertia = 0;
  for (const [row, cluster] of clusters.entries()) {
    for (let col = 0; col < cols; col++)
      inertia += (data[row * cols + col]! - means[cluster * cols + col]!) ** 2;
  }
  const centres = { rows: k, cols, data: Float32Array.from(means) };
  return { clusters, centres, sizes, inertia, ...course };
}

function check({ features, k, restarts = 1, iterations = 1, tolerance = 0 }: KMeansOptions): void {
  requireFeatures("the features", features);
  requireCount("the number of clusters", k, 1, features.rows);
  requireCount("the number of restarts", restarts, 1);
  requireCount("the number of iterations", iterations, 1);
  if (tolerance >= 0 && tolerance < Infinity) return;
  throw new AfterimageError("usage/value", {
    what: "the tolerance of k-means is out of range",
    expected: "a number, 0 or more",
    got: String(tolerance),
  });
}
