import type { Matrix } from "../../formats/matrix.ts";

/** The logarithm of softmax(row / temperature) in double precision, written to `out`. */
export function logSoftmaxRow(
  { cols, data }: Matrix,
  row: number,
  temperature: number,
  out: Float64Array,
): void {
  const logits = data.subarray(row * cols, (row + 1) * cols);
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const [at, logit] of logits.entries()) {
    out[at] = (logit - most) / temperature;
    sum += Math.exp(out[at]!);
  }
  const logSum = Math.log(sum);
  for (let at = 0; at < cols; at++) out[at]! -= logSum;
}
