import { AfterimageError } from "../../errors.ts";
import { requireCount, requireLabels } from "../checks.ts";

/**
 * How often each class was predicted for each class, `[C, C]` row-major: the row is the label, the column the
 * prediction. As scikit-learn's `confusion_matrix` with `labels=range(C)`.
 *
 * @param labels N classes, 0 … C - 1.
 * @param predictions as many, 0 … C - 1.
 * @param classes C; one more than the largest class of either by default.
 * @throws AfterimageError `evaluate/labels` when there are none, the two differ in number, or one is not a
 * class.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes?: number,
): Int32Array {
  if (classes !== undefined) requireCount("the number of classes", classes, 1);
  if (labels.length === 0) throw nothingPredicted();
  requireLabels("the labels", labels, labels.length, classes);
  requireLabels("the predictions", predictions, labels.length, classes);
  const count = classes ?? 1 + Math.max(largest(labels), largest(predictions));
  const counts = new Int32Array(count * count);
  for (let row = 0; row < labels.length; row++) counts[labels[row]! * count + predictions[row]!]!++;
  return counts;
}

/** The error of a score of no pictures. */
export function nothingPredicted(): AfterimageError {
  return new AfterimageError("evaluate/labels", {
    what: "there is nothing to score",
    expected: "at least one picture with a label and a prediction",
    got: "none",
  });
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at]!);
  return most;
}
