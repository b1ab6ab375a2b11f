import {
  abs,
  add,
  cast,
  div,
  maximum,
  mean,
  mul,
  reshape,
  shapeOf,
  square,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { normalizePatches } from "./normalize-patches.ts";
import { patchify } from "./patchify.ts";

export interface MaeInputs {
  /** The decoder's output, `[B, N, p·p·C]` in the order of {@link patchify}. */
  prediction: Tensor;
  /** The original pictures, `[B, C, H, W]`. */
  pictures: Tensor;
  /** `[B, N]`, float32 of ones and zeros or bool: true where a patch was hidden. */
  mask: Tensor;
  /** p, the side of a patch in pixels. */
  patchSize: number;
  /**
   * What to predict: true for patches normalised to mean 0 and deviation 1 each (better features), false for
   * pixels. True by default.
   */
  normalize?: boolean;
}

/**
 * The MAE loss, a scalar from 0: the mean squared error over the values of the hidden patches; 0 if there are
 * none. Predicting 0 for normalised patches gives about 1.
 *
 * Source: MAE, arXiv 2111.06377, section 3; `forward_loss` in the authors' `models_mae.py`, where
 * `norm_pix_loss` is off by default and on in their recipes.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit each other.
 */
export function maeLoss({ prediction, pictures, mask, patchSize, normalize = true }: MaeInputs): Tensor {
  const pixels = patchify(pictures, patchSize);
  if (!sameShape(prediction.shape, pixels.shape) || !sameShape(mask.shape, pixels.shape.slice(0, 2)))
    throw shapeError("maeLoss", `a prediction [${pixels.shape}] and a mask [B, N]`, [prediction, mask]);
  const hidden = cast(mask, "float32");
  const errors = mean(square(sub(prediction, normalize ? normalizePatches(pixels) : pixels)), [-1]); // [B, N]
  return div(sum(sum(mul(errors, hidden), [1])), maximum(sum(hidden), 1));
}

export interface SimmimInputs {
  /** The reconstructed pictures, `[B, C, H, W]`. */
  prediction: Tensor;
  /** The original pictures, `[B, C, H, W]`. */
  pictures: Tensor;
  /**
   * `[B, h, w]`, one entry a patch, float32 of ones and zeros or bool: true where it was hidden. h and w
   * divide H and W.
   */
  mask: Tensor;
}

/**
 * The SimMIM loss, a scalar from 0: mean absolute error over the channels of the hidden pixels; 0 if there
 * are none. As in the authors' code, 1e-5 is added to the number of pixels.
 *
 * Source: SimMIM, arXiv 2111.09886, equation 1; `SimMIM.forward` in the authors' `models/simmim.py`.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit each other.
 */
export function simmimLoss({ prediction, pictures, mask }: SimmimInputs): Tensor {
  const [B, C, H, W] = shapeOf(pictures, 4, "simmimLoss");
  const [, rows, columns] = shapeOf(mask, 3, "simmimLoss");
  const divides = mask.rank === 3 && mask.shape[0] === B && H % rows === 0 && W % columns === 0;
  if (!sameShape(prediction.shape, pictures.shape) || pictures.rank !== 4 || !divides)
    throw shapeError(
      "simmimLoss",
      "a prediction and pictures [B, C, H, W], and a mask [B, h, w] of patches",
      [prediction, pictures, mask],
    );
  const patchArea = (H / rows) * (W / columns);
  const hidden = cast(mask, "float32");
  const errors = reshape(abs(sub(prediction, pictures)), [B, C, rows, H / rows, columns, W / columns]);
  const byPatch = sum(errors, [1, 3, 5]); // [B, h, w]
  return div(sum(mul(byPatch, hidden)), mul(add(mul(sum(hidden), patchArea), 1e-5), C));
}
