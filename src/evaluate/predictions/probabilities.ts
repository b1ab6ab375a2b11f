import type { Matrix } from "../../formats/matrix.ts";
import { requireFeatures } from "../checks.ts";
import { logSoftmaxRow } from "./log-softmax-row.ts";
import { requireTemperature } from "./require-temperature.ts";

/**
 * softmax(logits / temperature), row by row: `[N, C]`, each row with the sum 1.
 *
 * @param logits `[N, C]`.
 * @param temperature above 0, 1 by default; {@link fitTemperature} finds the one that calibrates.
 * @throws AfterimageError `evaluate/shape`, `evaluate/not-finite`, or `usage/value` for another temperature.
 */
export function probabilities(logits: Matrix, temperature = 1): Matrix {
  requireFeatures("the logits", logits);
  requireTemperature(temperature);
  const { rows, cols } = logits;
  const data = new Float32Array(rows * cols);
  const row = new Float64Array(cols);
  for (let at = 0; at < rows; at++) {
    logSoftmaxRow(logits, at, temperature, row);
    data.set(row.map(Math.exp), at * cols);
  }
  return { rows, cols, data };
}
