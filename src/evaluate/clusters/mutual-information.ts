import { type JointTable, sumsOf } from "./contingency-table.ts";

/**
 * The mutual information of two variables in nats:
 *
 *   I(X; Y) = Σ p(x, y) log( p(x | y) / p(x) ) = Σ p(x, y) log( p(x, y) / (p(x) p(y)) )
 *
 * It is 0 if they are independent, and at most the entropy of either. As scikit-learn's `mutual_info_score`
 * of a contingency table. Divide by ln 2 for bits.
 *
 * Source: Cover and Thomas 2006, "Elements of Information Theory", section 2.3.
 *
 * @param table counts of pairs, or their joint distribution; see `contingencyTable` for labels and clusters.
 * @throws AfterimageError `evaluate/shape` when the weights do not fill the table, `evaluate/not-finite` for
 * NaN or infinity, `usage/value` for a weight below 0 or a table of zeros.
 */
export function mutualInformation(table: JointTable): number {
  const { cols, data } = table;
  const sums = sumsOf(table);
  let information = 0;
  for (let at = 0; at < data.length; at++) {
    const weight = data[at]!;
    if (weight === 0) continue;
    const [row, col] = [sums.rows[Math.floor(at / cols)]!, sums.cols[at % cols]!];
    // Quotients first: a product of two sums of tiny probabilities would be 0.
    information += (weight / sums.total) * Math.log((weight / row) * (sums.total / col));
  }
  return Math.max(0, information); // rounding may leave it a little below 0
}
