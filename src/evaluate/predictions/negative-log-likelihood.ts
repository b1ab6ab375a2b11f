import type { Matrix } from "../../formats/matrix.ts";
import { requireFeatures, requireLabels } from "../checks.ts";
import { logSoftmaxRow } from "./log-softmax-row.ts";
import { requireTemperature } from "./require-temperature.ts";

/**
 * The mean of -log softmax(logits / temperature)[label], in nats, from 0. As scikit-learn's `log_loss` of the
 * probabilities.
 *
 * @param labels N classes, 0 … C - 1.
 * @param logits `[N, C]`.
 * @param temperature above 0, 1 by default.
 * @throws AfterimageError `evaluate/labels`, `evaluate/shape`, `evaluate/not-finite`, or `usage/value` for
 * another temperature.
 */
export function negativeLogLikelihood(labels: ArrayLike<number>, logits: Matrix, temperature = 1): number {
  requireFeatures("the logits", logits);
  requireLabels("the labels", labels, logits.rows, logits.cols);
  requireTemperature(temperature);
  const row = new Float64Array(logits.cols);
  let sum = 0;
  for (let at = 0; at < logits.rows; at++) {
    logSoftmaxRow(logits, at, temperature, row);
    sum -= row[labels[at]!]!;
  }
  return sum / logits.rows;
}
