import { add, div, mean, sqrt, square, sub, sum, type Tensor } from "../tensor/index.ts";

/**
 * Each patch brought to mean 0 and deviation 1: (x - mean) / √(var + epsilon) along the last axis, of at least 2 values,
 * with the variance divided by one less than their number. The shape stays.
 *
 * Source: MAE, `norm_pix_loss` in the authors' `models_mae.py`.
 *
 * @param patches `[B, N, D]`, as {@link patchify} gives them.
 */
export function normalizePatches(patches: Tensor, epsilon = 1e-6): Tensor {
  const centred = sub(patches, mean(patches, [-1], true));
  const variance = div(sum(square(centred), [-1], true), patches.shape.at(-1)! - 1);
  return div(centred, sqrt(add(variance, epsilon)));
}
