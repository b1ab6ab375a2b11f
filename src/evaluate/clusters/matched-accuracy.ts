import { bestMatching } from "./best-matching.ts";
import { type JointTable, sumsOf } from "./contingency-table.ts";

/**
 * The share of pictures whose cluster is matched with their class, from 0 to 1. Each class is matched with at
 * most one cluster and each cluster with at most one class, so that the share is as large as possible. With
 * more clusters than classes, pictures of the clusters that are left over count as wrong.
 *
 * Source: Yang et al. 2010, "Image clustering using local discriminant models and global integration", IEEE
 * Transactions on Image Processing 19, where it is called clustering accuracy.
 *
 * @throws AfterimageError as `mutualInformation`.
 */
export function matchedAccuracy(table: JointTable): number {
  const { total } = sumsOf(table);
  let matched = 0;
  for (const [row, col] of bestMatching(table).entries()) {
    if (col !== -1) matched += table.data[row * table.cols + col]!;
  }
  return matched / total;
}
