/**
 * Scores of a ranking with ties: their expectation if all orders among equals are equally likely.
 *
 * Source: McSherry and Najork 2008, "Computing Information Retrieval Performance Measures Efficiently in the
 * Presence of Tied Scores", sections 2 and 3. scikit-learn's `ndcg_score` treats ties in the same way. Its
 * `average_precision_score` takes a group of equals as one threshold instead, which gives another value if
 * there are ties and the same value if there are none.
 */
import type { TiedGroup } from "./ranks.ts";

/** H(0) … H(count): H(n) = 1 + 1/2 + … + 1/n. */
export function harmonicNumbers(count: number): Float64Array {
  const sums = new Float64Array(count + 1);
  for (let n = 1; n <= count; n++) sums[n] = sums[n - 1]! + 1 / n;
  return sums;
}

/**
 * The expected average precision, in (0, 1]: the mean of the precision at the places of the relevant rows.
 *
 * Take a group of n rows, of which r are relevant, after t other rows, of which R are relevant. A relevant
 * row of the group is at each place t + i, i = 1 … n, with the same chance. The rows before it contain the R
 * relevant rows and, of the i - 1 rows of its own group, a share (r - 1)/(n - 1). The sum over the group is
 *
 *   (r/n) · Σ (R + 1 + (i - 1)(r - 1)/(n - 1)) / (t + i),
 *
 * where Σ 1/(t + i) = H(t + n) - H(t) = h and Σ (i - 1)/(t + i) = n - (t + 1)·h.
 *
 * @param groups all groups with relevant rows, best first.
 * @param harmonic {@link harmonicNumbers} up to the number of ranked rows.
 */
export function expectedPrecision(groups: readonly TiedGroup[], harmonic: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const { before, relevantBefore, size, relevant } of groups) {
    const share = size === 1 ? 0 : (relevant - 1) / (size - 1);
    const h = size === 1 ? 1 / (before + 1) : harmonic[before + size]! - harmonic[before]!;
    sum += (relevant / size) * ((relevantBefore + 1) * h + share * (size - (before + 1) * h));
    count += relevant;
  }
  return sum / count;
}

/**
 * The chance that a relevant row is among the first k, given the first group of a ranking with a relevant
 * row.
 */
export function chanceFound({ before, size, relevant }: TiedGroup, k: number): number {
  if (k <= before) return 0;
  return 1 - chanceMissed(relevant, size, k - before);
}

/**
 * The chance that none of the first k of `size` rows in a random order is relevant: C(size - relevant, k) /
 * C(size, k).
 */
function chanceMissed(relevant: number, size: number, k: number): number {
  let chance = 1;
  for (let place = 0; place < Math.min(k, size); place++) {
    chance *= Math.max(0, size - relevant - place) / (size - place);
  }
  return chance;
}

/** The mean place of a relevant row of the group, from 1. */
export function expectedPlace({ before, size }: TiedGroup): number {
  return before + (size + 1) / 2;
}
