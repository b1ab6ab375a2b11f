import type { RandomStream } from "../../random/random-stream.ts";
import type { CentreDistances } from "./centre-distances.ts";
import { type ClusterRows, centredPoints } from "./cluster-rows.ts";

/** How many points are tried for each centre, as in scikit-learn. */
export function seedTrials(k: number): number {
  return 2 + Math.floor(Math.log(k));
}

export interface SeedOptions {
  k: number;
  random: RandomStream;
  /** For {@link seedTrials} centres. */
  distances: Pick<CentreDistances, "all">;
}

/**
 * First centres by greedy k-means++: the first is a random point. For each further one a few points are
 * drawn, with probabilities in proportion to their squared distances from the nearest centre so far. The one
 * that lowers the sum of these distances most is taken.
 *
 * Source: Arthur and Vassilvitskii 2007, "k-means++: The Advantages of Careful Seeding", which proposes the
 * greedy form at its end.
 *
 * @returns k rows of the points. They differ if there are k different points.
 */
export async function seedCentres(
  rows: ClusterRows,
  { k, random, distances }: SeedOptions,
): Promise<number[]> {
  const trials = seedTrials(k);
  const nearest = new Float64Array(rows.points.rows).fill(Number.POSITIVE_INFINITY);
  const seeds: number[] = [];
  while (seeds.length < k) {
    const drawn = drawRows(nearest, trials, random);
    const all = await distances.all(centredPoints(rows, drawn)); // [N, trials]
    const sums = sumsWith(nearest, all, trials);
    const best = sums.indexOf(Math.min(...sums));
    seeds.push(drawn[best]!);
    for (let row = 0; row < nearest.length; row++)
      nearest[row] = Math.min(nearest[row]!, all[row * trials + best]!);
  }
  return seeds;
}

/** Σ over rows of the distance from the nearest centre, with each trial as one more centre. */
function sumsWith(nearest: Float64Array, all: Float64Array, trials: number): number[] {
  const sums = new Array<number>(trials).fill(0);
  for (let row = 0; row < nearest.length; row++) {
    for (let trial = 0; trial < trials; trial++)
      sums[trial]! += Math.min(nearest[row]!, all[row * trials + trial]!);
  }
  return sums;
}

/**
 * Rows in proportion to their weights. All are alike if the weights say nothing: before the first centre they
 * are infinite, and if every point is at a centre they are 0.
 */
function drawRows(weights: Float64Array, count: number, random: RandomStream): number[] {
  const upTo = new Float64Array(weights.length);
  let total = 0;
  for (let row = 0; row < weights.length; row++) {
    total += weights[row]!;
    upTo[row] = total;
  }
  const isUsable = total > 0 && Number.isFinite(total);
  return Array.from({ length: count }, () =>
    isUsable ? firstAbove(upTo, random.uniform(0, total)) : random.integer(0, weights.length),
  );
}

/** The first place whose value is above `bound`, in ascending values of which the last is above it. */
function firstAbove(values: Float64Array, bound: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
