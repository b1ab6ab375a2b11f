import { full, layerNorm, sizeOfAxis, stopGradient, type Tensor } from "../tensor/index.ts";
import { smoothL1 } from "./smooth-l1.ts";

/** PyTorch's default, which the authors use. */
const EPSILON = 1e-5;

/**
 * The I-JEPA loss, a scalar from 0: {@link smoothL1} (β = 1) of the predictor's output against the target
 * encoder's features, brought to mean 0 and variance 1 token by token. Targets get no gradient.
 *
 * Source: I-JEPA, arXiv 2301.08243, section 3, whose squared distance is a smooth L1 in the authors'
 * `src/train.py`.
 *
 * @param prediction `[…, D]`, the tokens of the target blocks.
 * @param features `[…, D]`, the target encoder's features of the same tokens; normalised here.
 * @throws AfterimageError `tensor/shape` when the shapes differ.
 */
export function ijepaLoss(prediction: Tensor, features: Tensor): Tensor {
  const width = [sizeOfAxis(features, -1, "ijepaLoss")];
  const target = layerNorm(features, full(width, 1), full(width, 0), EPSILON);
  return smoothL1(prediction, stopGradient(target));
}
