import { AfterimageError } from "../errors.ts";
import { div, exp, maximum, mul, neg, pow, sub, sum, type Tensor } from "../tensor/index.ts";
import { LEAST, type PixelOptions, pixelClasses, sumByAxis, weighted } from "./pixel-classes.ts";

export interface FocalOptions extends PixelOptions {
  /** γ: 0, which is the cross-entropy, or 1 and more. Default 2. */
  gamma?: number;
  /** A factor above 0 for each of K classes, α in the paper; 1 by default. */
  classWeights?: readonly number[];
}

/**
 * The focal loss of masks, a scalar in nats, from 0: -(1 - p)^γ · log p with p the softmax at the label, the
 * mean over all pixels that count, each with the weight of its class; 0 where none counts. Pixels that are
 * right already count little.
 *
 * Source: Lin et al. 2017, arXiv 1708.02002, equations 4 and 5, for softmax in place of a sigmoid.
 *
 * @param logits `[B, K, H, W]`.
 * @param labels `[B, H, W]`, int32, int64 or uint8.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other; `usage/value` for another gamma,
 * weights that are not above 0, or another number of them.
 */
export function focalLoss(logits: Tensor, labels: Tensor, options: FocalOptions = {}): Tensor {
  const { gamma = 2, classWeights } = options;
  if (!(gamma === 0 || (gamma >= 1 && Number.isFinite(gamma)))) {
    throw new AfterimageError("usage/value", {
      what: "gamma of the focal loss is out of range",
      expected: "0, or a finite number, 1 or more",
      got: `${gamma}`,
    });
  }
  const { logProbabilities, isClass } = pixelClasses("focalLoss", logits, labels, options);
  const atLabel = sum(mul(isClass, logProbabilities), [-1]); // [B, H, W], 0 where no label counts
  const weights = sum(weighted(isClass, classWeights), [-1]);
  const share = gamma === 0 ? weights : mul(weights, pow(sub(1, exp(atLabel)), gamma));
  return neg(div(sumByAxis(mul(share, atLabel)), maximum(sumByAxis(weights), LEAST)));
}
