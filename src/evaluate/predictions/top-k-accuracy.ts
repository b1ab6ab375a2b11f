import type { Matrix } from "../../formats/matrix.ts";
import { requireCount, requireFeatures, requireLabels } from "../checks.ts";

/**
 * The share of pictures whose label is among the k classes with the largest scores, from 0 to 1.
 *
 * As scikit-learn's `top_k_accuracy_score` where no scores of a picture are equal. Classes with the score of
 * the label share the places that are left, as all their orders do on average: equal scores for all classes
 * give k / C.
 *
 * @param labels N classes, 0 … C - 1.
 * @param scores `[N, C]`: logits or probabilities.
 * @param k from 1 to C.
 * @throws AfterimageError `evaluate/labels`, `evaluate/shape`, `evaluate/not-finite`, or `usage/value` for
 * another k.
 */
export function topKAccuracy(labels: ArrayLike<number>, scores: Matrix, k: number): number {
  requireFeatures("the scores", scores);
  requireLabels("the labels", labels, scores.rows, scores.cols);
  requireCount("the k of top-k accuracy", k, 1, scores.cols);
  let found = 0;
  for (let row = 0; row < scores.rows; row++) found += chanceAmongFirst(scores, row, labels[row]!, k);
  return found / scores.rows;
}

function chanceAmongFirst({ cols, data }: Matrix, row: number, label: number, k: number): number {
  const own = data[row * cols + label]!;
  let [before, equal] = [0, 0];
  for (const score of data.subarray(row * cols, (row + 1) * cols)) {
    if (score > own) before++;
    else if (score === own) equal++;
  }
  return Math.min(1, Math.max(0, (k - before) / equal));
}
