import { mean, square, sub, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

/**
 * The mean squared error, a scalar from 0: the mean over all values of (prediction - target)². As
 * `torch.nn.functional.mse_loss`.
 *
 * @param prediction of any shape.
 * @param target of the same shape; it gets a gradient too, unless `stopGradient` is put around it.
 * @throws AfterimageError `tensor/shape` when the shapes differ.
 */
export function squaredError(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape))
    throw shapeError("squaredError", "a prediction and a target of the same shape", [prediction, target]);
  const terms = square(sub(prediction, target));
  // Row by row first, for float32's digits.
  return mean(terms.rank > 1 ? mean(terms, [-1]) : terms);
}
