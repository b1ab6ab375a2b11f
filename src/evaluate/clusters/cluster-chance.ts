import { randomStream } from "../../random/random-stream.ts";
import { requireCount, requireLabels } from "../checks.ts";
import type { ClusterScores } from "./cluster-scores.ts";
import { contingencyTable, sumsOf } from "./contingency-table.ts";
import { entropy } from "./entropy.ts";
import { expectedMutualInformation } from "./expected-mutual-information.ts";
import { matchedAccuracy } from "./matched-accuracy.ts";

/** Draws for the accuracy, whose expectation has no closed form. */
const DRAWS = 10;

/**
 * Expected scores of k clusters of equal size (or sizes that differ by one) to which pictures are drawn at
 * random: the floor for comparison. Those that are adjusted for chance are 0. The mutual information is the
 * expectation; the accuracy is the mean of ten draws.
 *
 * @throws AfterimageError `usage/value` for k above the number of labels or below 1, `evaluate/labels` for
 * labels that are not integers, 0 or more.
 */
export function clusterChance(labels: ArrayLike<number>, k: number, seed: number): ClusterScores {
  requireLabels("the labels", labels, labels.length);
  requireCount("the number of clusters", k, 1, labels.length);
  const drawn = (draw: number) => {
    const order = randomStream(seed, "clusters-by-chance", 0, draw).permutation(labels.length);
    return contingencyTable(
      labels,
      order.map((place) => place % k),
    );
  };
  const sums = sumsOf(drawn(0));
  const mean = (entropy(sums.rows) + entropy(sums.cols)) / 2;
  const accuracies = Array.from({ length: DRAWS }, (_, draw) => matchedAccuracy(drawn(draw)));
  return {
    normalizedMutualInformation: mean === 0 ? 1 : expectedMutualInformation(sums) / mean,
    adjustedMutualInformation: 0,
    adjustedRandIndex: 0,
    accuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / DRAWS,
  };
}
