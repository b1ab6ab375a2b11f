import { AfterimageError } from "../errors.ts";
import { add, constant, mean, mul, neg, softplus, sub, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { requirePositive } from "./by-temperature.ts";
import { requireSmoothing } from "./require-smoothing.ts";

export interface BinaryCrossEntropyOptions {
  /**
   * Label smoothing ε, from 0 and below 1; 0 by default. The target becomes (1 - ε) · target + ε / 2, as
   * timm's.
   */
  smoothing?: number;
  /** A factor above 0 for the positives of each of K labels; 1 by default. */
  positiveWeights?: readonly number[];
}

/**
 * Binary cross-entropy of several labels a picture, from logits: a scalar in nats, from 0. It is the mean
 * over B and K of -p · t · log σ(z) - (1 - t) · log(1 - σ(z)), computed as (1 - t) · z + (1 + (p - 1) · t) ·
 * softplus(-z), which does not overflow.
 *
 * As `torch.nn.functional.binary_cross_entropy_with_logits` with `pos_weight`.
 *
 * @param logits z, `[B, K]`.
 * @param targets t, float32 `[B, K]`, from 0 to 1.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other; `usage/value` for another
 * smoothing, weights that are not above 0, or another number of them.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { smoothing = 0, positiveWeights }: BinaryCrossEntropyOptions = {},
): Tensor {
  if (logits.rank !== 2 || !sameShape(logits.shape, targets.shape) || targets.dtype !== "float32")
    throw shapeError("binaryCrossEntropy", "logits and targets [B, K]", [logits, targets]);
  requireSmoothing(smoothing);
  const smooth = smoothing === 0 ? targets : add(mul(targets, 1 - smoothing), smoothing / 2);
  const missed = softplus(neg(logits)); // -log σ(z)
  const negative = mul(sub(1, smooth), logits);
  if (positiveWeights === undefined) return meanByRow(add(negative, missed));
  const extra = constant(extraOf(positiveWeights, logits.shape[1]!), [1, logits.shape[1]!]);
  return meanByRow(add(negative, mul(add(mul(smooth, extra), 1), missed)));
}

/** Row by row first, for float32's digits. */
function meanByRow(terms: Tensor): Tensor {
  return mean(mean(terms, [-1]));
}

function extraOf(weights: readonly number[], labels: number): number[] {
  if (weights.length !== labels) {
    throw new AfterimageError("usage/value", {
      what: "the weights of positives do not match the logits",
      expected: `${labels} numbers, one for each label`,
      got: `${weights.length}`,
    });
  }
  for (const [at, weight] of weights.entries()) requirePositive(`the weight of label ${at}`, weight);
  return weights.map((weight) => weight - 1);
}
