import { add, mean, mul, neg, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { cosineSimilarity } from "./cosine-similarity.ts";

/** One tensor of each of two views, `[B, D]`. */
export type TwoViews = readonly [Tensor, Tensor];

/**
 * The negative cosine, a scalar in [-1, 1]: -mean over rows of ⟨p, z⟩ / (‖p‖·‖z‖). A row of zeros counts as
 * 0.
 *
 * Both sides get a gradient. Pass `stopGradient(target)` if the target is not to learn, as in SimSiam and
 * BYOL. Without it, or without a predictor, all rows become equal.
 *
 * Source: SimSiam, arXiv 2011.10566, equation 1; `main_simsiam.py`.
 *
 * @param prediction `[…, D]`; normalised here, as is the target.
 * @param target of the same shape.
 * @throws AfterimageError `tensor/shape` when the shapes differ.
 */
export function negativeCosine(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape))
    throw shapeError("negativeCosine", "a prediction and a target […, D] of the same shape", [
      prediction,
      target,
    ]);
  return neg(mean(cosineSimilarity(prediction, target)));
}

/**
 * SimSiam's loss, a scalar in [-1, 1]: the mean of {@link negativeCosine} between each view's prediction and
 * the other view's target. The caller stops the gradient of targets.
 *
 * Source: SimSiam, arXiv 2011.10566, equation 2; `main_simsiam.py`.
 */
export function simsiamLoss(predictions: TwoViews, targets: TwoViews): Tensor {
  const [first, second] = swapped(predictions, targets);
  return mul(add(first, second), 0.5);
}

/**
 * BYOL's loss, a scalar in [0, 8]: the sum, over both views, of the mean of ‖p̂ - ẑ‖² = 2 - 2·cos(p, z)
 * between a view's prediction and the other view's target. Orthogonal vectors give 4. The caller stops the
 * gradient of targets.
 *
 * Source: BYOL, arXiv 2006.07733, equation 2, in both directions; `regression_loss` in the authors'
 * `helpers.py`.
 */
export function byolLoss(predictions: TwoViews, targets: TwoViews): Tensor {
  const [first, second] = swapped(predictions, targets);
  return add(mul(add(first, second), 2), 4);
}

function swapped(predictions: TwoViews, targets: TwoViews): [Tensor, Tensor] {
  return [negativeCosine(predictions[0], targets[1]), negativeCosine(predictions[1], targets[0])];
}
