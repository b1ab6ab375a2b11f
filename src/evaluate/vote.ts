import type { Metric } from "./score-graph.ts";
import type { TieWidth } from "./tie-width.ts";

/** Neighbours of equal score. */
export interface EqualNeighbours {
  score: number;
  /** The class of each. */
  labels: readonly number[];
}

/**
 * Groups of equals among falling scores: each begins at the best score left, and takes all scores equal to it
 * by `width`.
 */
export function groupEquals(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  width: TieWidth,
): EqualNeighbours[] {
  const groups: EqualNeighbours[] = [];
  for (let start = 0, end = 0; start < scores.length; start = end) {
    const score = scores[start]!;
    const least = score - width(score);
    const own: number[] = [];
    for (; end < scores.length && scores[end]! >= least; end++) own.push(labels[end]!);
    groups.push({ score, labels: own });
  }
  return groups;
}

export interface VoteOptions {
  /** The number of neighbours that vote. */
  k: number;
  temperature: number;
  metric: Metric;
  classes: number;
}

export interface Election {
  /** The class with the most votes, of several the lowest. */
  winner: number;
  /** All classes that tie for the most votes. */
  first: readonly number[];
}

/** Votes within this share of each other differ by rounding only. */
const SAME_VOTES = 1e-9;

/**
 * The vote of the first k neighbours. If neighbours of equal score are on both sides of the k-th place, they
 * share the remaining places: each votes with the chance that a random order puts it among the first k. Of
 * classes with equal votes, those with the nearest neighbour are first.
 *
 * @param groups nearest first, with at least k neighbours.
 */
export function elect(groups: readonly EqualNeighbours[], options: VoteOptions): Election {
  const { k, temperature, metric, classes } = options;
  const votes = new Float64Array(classes);
  const nearest = new Int32Array(classes).fill(groups.length);
  let left = k;
  for (let at = 0; left > 0 && at < groups.length; at++) {
    const { score, labels } = groups[at]!;
    // Weights relative to the nearest neighbour's: the winner is the same and nothing overflows.
    const weight = metric === "cosine" ? Math.exp((score - groups[0]!.score) / temperature) : 1;
    const share = weight * Math.min(1, left / labels.length);
    for (const label of labels) {
      votes[label]! += share;
      nearest[label] = Math.min(nearest[label]!, at);
    }
    left -= labels.length;
  }
  const first = firstOf(votes, nearest);
  return { winner: first[0]!, first };
}

function firstOf(votes: Float64Array, nearest: Int32Array): number[] {
  const most = votes.reduce((best, vote) => Math.max(best, vote), 0);
  const equal = [...votes.keys()].filter((label) => votes[label]! >= most * (1 - SAME_VOTES));
  const best = equal.reduce((least, label) => Math.min(least, nearest[label]!), Number.POSITIVE_INFINITY);
  return equal.filter((label) => nearest[label] === best);
}
