import {
  cast,
  div,
  maximum,
  mul,
  type Operand,
  reshape,
  sizeOfAxis,
  stopGradient,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

/**
 * Weights under which masked patches are averaged picture by picture, `[n, N]`: 1 / (n · masked patches of
 * the picture) where the mask is 1, otherwise 0. They add up to 1, minus 1/n for every picture without a
 * masked patch.
 *
 * Source: iBOT's `main_ibot.py` and `masks_weight` in DINOv2, the latter without the 1/n.
 *
 * @param mask `[n, N]` of n pictures' N patches, float32 of ones and zeros or bool: true where a patch is
 * masked.
 * @throws AfterimageError `tensor/shape` for anything but a matrix.
 */
export function maskWeights(mask: Tensor): Tensor {
  if (mask.rank !== 2) throw shapeError("maskWeights", "a mask [n, N]", [mask]);
  const masked = cast(mask, "float32");
  return div(masked, mul(maximum(sum(masked, [1], true), 1), sizeOfAxis(mask, 0, "maskedCrossEntropy")));
}

export interface MaskedCrossEntropyInputs {
  /** The student's logits, `[…, K]`: of all patches, or of the masked ones. */
  student: Tensor;
  /** A distribution for each, of the same shape. No gradient passes through them. */
  targets: Tensor;
  /** `[…]`, how much each row counts, from 0; see {@link maskWeights}. */
  weights: Tensor;
  /** Divides the logits; above 0. */
  temperature: Operand;
}

/**
 * Cross-entropy of patches under weights, a scalar in nats: Σ over rows of weight · H(target, softmax(logits
 * / temperature)). With weights that add up to 1, uniform logits give ln K.
 *
 * Source: iBOT, arXiv 2111.07832; `iBOTPatchLoss` in DINOv2's `loss/ibot_patch_loss.py`, in both of its
 * forms: all patches `[n, N, K]` with weights `[n, N]`, or only the masked rows `[M, K]` with their weights
 * `[M]`.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit each other.
 */
export function maskedCrossEntropy(inputs: MaskedCrossEntropyInputs): Tensor {
  const { student, targets, weights, temperature } = inputs;
  const fits =
    sameShape(student.shape, targets.shape) && sameShape(weights.shape, student.shape.slice(0, -1));
  if (!fits)
    throw shapeError("maskedCrossEntropy", "logits […, K], targets […, K] and weights […]", [
      student,
      targets,
      weights,
    ]);
  // The targets are multiplied by the weights before the mean over all rows, so that a row of weight 0 has no
  // gradient either.
  const share = mul(reshape(stopGradient(weights), [...weights.shape, 1]), weights.size);
  return softCrossEntropy(student, stopGradient(mul(targets, share)), temperature);
}
