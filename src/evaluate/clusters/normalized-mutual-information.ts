import { ENTROPY_AVERAGES, type EntropyAverage } from "./average-entropy.ts";
import { isOneToOne, type JointTable, sumsOf } from "./contingency-table.ts";
import { entropy } from "./entropy.ts";
import { mutualInformation } from "./mutual-information.ts";

/**
 * Mutual information divided by a mean of both entropies, from 0 (independent) to 1 (each side determines the
 * other; also if both sides have one value only). It is not adjusted for chance: it grows with the number of
 * clusters. As scikit-learn's `normalized_mutual_info_score`.
 *
 * Source: Vinh, Epps and Bailey 2010, "Information Theoretic Measures for Clusterings Comparison", Journal of
 * Machine Learning Research 11.
 *
 * @param average the mean of the entropies; arithmetic by default.
 * @throws AfterimageError as {@link mutualInformation}.
 */
export function normalizedMutualInformation(
  table: JointTable,
  average: EntropyAverage = "arithmetic",
): number {
  const { rows, cols } = sumsOf(table);
  if (isOneToOne(table)) return 1;
  const information = mutualInformation(table);
  // An entropy of 0 on one side leaves no information, and may make the mean 0.
  if (information <= Number.EPSILON) return 0;
  return information / ENTROPY_AVERAGES[average](entropy(rows), entropy(cols));
}
