import { add, div, maximum, mul, neg, sizeOfAxis, sum, type Tensor } from "../tensor/index.ts";
import type { CrossEntropyOptions } from "./cross-entropy.ts";
import { LEAST, type PixelOptions, pixelClasses, sumByAxis, weighted } from "./pixel-classes.ts";
import { requireSmoothing } from "./require-smoothing.ts";

export type PixelCrossEntropyOptions = CrossEntropyOptions & PixelOptions;

/**
 * Cross-entropy of masks under softmax(logits), a scalar in nats, from 0: the mean over all pixels that
 * count, each with the weight of its class. As `torch.nn.functional.cross_entropy` with `ignore_index`, but 0
 * where no pixel counts, for which PyTorch has NaN.
 *
 * Source: Long, Shelhamer, Darrell 2015, arXiv 1411.4038, section 3.4.
 *
 * @param logits `[B, K, H, W]`.
 * @param labels `[B, H, W]`, int32, int64 or uint8.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other; `usage/value` for another
 * smoothing, weights that are not above 0, or another number of them.
 */
export function pixelCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: PixelCrossEntropyOptions = {},
): Tensor {
  const { smoothing = 0, classWeights } = options;
  requireSmoothing(smoothing);
  const { logProbabilities, isClass } = pixelClasses("pixelCrossEntropy", logits, labels, options);
  const targets = smoothing === 0 ? isClass : smoothed(isClass, smoothing);
  const total = sumByAxis(mul(weighted(targets, classWeights), logProbabilities));
  return neg(div(total, maximum(sumByAxis(weighted(isClass, classWeights)), LEAST)));
}

function smoothed(isClass: Tensor, smoothing: number): Tensor {
  const counts = sum(isClass, [-1], true); // [B, H, W, 1]
  return add(
    mul(isClass, 1 - smoothing),
    mul(counts, smoothing / sizeOfAxis(isClass, -1, "pixelCrossEntropy")),
  );
}
