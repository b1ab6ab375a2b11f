import { ENTROPY_AVERAGES, type EntropyAverage } from "./average-entropy.ts";
import { isOneToOne, type JointTable, sumsOfCounts } from "./contingency-table.ts";
import { entropy } from "./entropy.ts";
import { expectedMutualInformation } from "./expected-mutual-information.ts";
import { mutualInformation } from "./mutual-information.ts";

/** A range between expectation and maximum that is only rounding, as a share of the maximum. */
const ROUNDING = 1e-12;

/**
 * Mutual information adjusted for chance, (I - E) / (mean of the entropies - E): 1 for equal clusterings,
 * about 0 for independent ones of any number of clusters. It may be below 0. As scikit-learn's
 * `adjusted_mutual_info_score`, but where numerator and denominator are both 0 (one cluster, or one picture a
 * cluster, with the geometric mean or the minimum): that is 1 for equal clusterings and 0 for others here.
 *
 * Source: Vinh, Epps and Bailey 2010, "Information Theoretic Measures for Clusterings Comparison", Journal of
 * Machine Learning Research 11.
 *
 * @param table counts.
 * @param average the mean of the entropies; arithmetic by default.
 * @throws AfterimageError `usage/value` for weights that are no counts, and what {@link mutualInformation}
 * throws.
 */
export function adjustedMutualInformation(table: JointTable, average: EntropyAverage = "arithmetic"): number {
  const sums = sumsOfCounts(table);
  if (isOneToOne(table)) return 1;
  const expected = expectedMutualInformation(sums);
  const most = ENTROPY_AVERAGES[average](entropy(sums.rows), entropy(sums.cols));
  if (most - expected <= ROUNDING * most) return 0;
  return (mutualInformation(table) - expected) / (most - expected);
}
