import { add, div, mean, mul, sizeOfAxis, sqrt, square, sub, sum, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { requirePositive } from "./by-temperature.ts";

/** Added to a patch's variance. */
const EPSILON = 1e-6;

/**
 * Each patch brought to mean 0 and deviation 1: (x - mean) / √(var + epsilon) along the last axis, of at
 * least 2 values, with the variance divided by their number minus one. The shape does not change.
 *
 * Source: MAE, `norm_pix_loss` in the authors' `models_mae.py`.
 *
 * @param patches `[B, N, D]`, as {@link patchify} gives them.
 */
export function normalizePatches(patches: Tensor, epsilon = EPSILON): Tensor {
  const { centred, deviation } = statistics(patches, epsilon);
  return div(centred, deviation);
}

/**
 * The inverse of {@link normalizePatches}: gives `patches` the means and deviations of the patches in `like`.
 */
export function denormalizePatches(patches: Tensor, like: Tensor, epsilon = EPSILON): Tensor {
  const { average, deviation } = statistics(like, epsilon);
  return add(mul(patches, deviation), average);
}

function statistics(patches: Tensor, epsilon: number) {
  requirePositive("epsilon of patches", epsilon);
  const values = sizeOfAxis(patches, -1, "normalizePatches");
  if (values < 2) throw shapeError("normalizePatches", "patches of 2 values or more", [patches]);
  const average = mean(patches, [-1], true);
  const centred = sub(patches, average);
  const variance = div(sum(square(centred), [-1], true), values - 1);
  return { average, centred, deviation: sqrt(add(variance, epsilon)) };
}
