import { requireWeights } from "./contingency-table.ts";

/**
 * The entropy in nats, H = -Σ p log p with p in proportion to the weights. It is 0 for a single weight above
 * 0, and ln K for K equal ones. Divide by ln 2 for bits.
 *
 * @param weights counts or probabilities, 0 or more.
 * @throws AfterimageError `evaluate/not-finite` for NaN or infinity, `usage/value` for a weight below 0, or
 * if all weights are 0.
 */
export function entropy(weights: ArrayLike<number>): number {
  const total = requireWeights(weights);
  let sum = 0;
  for (let at = 0; at < weights.length; at++) {
    const p = weights[at]! / total;
    if (p > 0) sum -= p * Math.log(p);
  }
  return Math.max(0, sum); // also without a minus before 0
}
