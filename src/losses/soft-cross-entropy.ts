import {
  div,
  exp,
  logSoftmax,
  mean,
  mul,
  neg,
  type Operand,
  sizeOfAxis,
  sub,
  sum,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { byTemperature } from "./by-temperature.ts";

/**
 * Cross-entropy of soft targets under softmax(logits / temperature), a scalar in nats: -mean over all rows of
 * Σ_k targets[k] · log softmax(logits / temperature)[k].
 *
 * Targets need not sum to one: a sum of several target distributions gives the sum of their cross-entropies.
 * Targets and temperature get no gradient. The derivative is written by hand because K is large in use. With
 * m = Σ_k targets[k] it is dlogits = (m · softmax - targets) · g / (rows · temperature), three passes over
 * the logits.
 *
 * @param logits `[…, K]`.
 * @param targets a shape that broadcasts to that of the logits, with the same K.
 */
export function softCrossEntropy(logits: Tensor, targets: Tensor, temperature: Operand): Tensor {
  const rows = logits.size / sizeOfAxis(logits, -1, "softCrossEntropy");
  const logProbabilities = logSoftmax(byTemperature(logits, temperature));
  // Row by row first: float32 would lose digits in one sum over millions of terms.
  const value = neg(mean(sum(mul(targets, logProbabilities), [-1])));
  return withDerivative(value, [logits], (g) => {
    const share = div(mul(g, 1 / rows), temperature);
    const mass = mul(sum(targets, [-1], true), share);
    return [sub(mul(exp(logProbabilities), mass), mul(targets, share))];
  });
}
