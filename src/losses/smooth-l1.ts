import {
  abs,
  clip,
  div,
  mean,
  minimum,
  mul,
  neg,
  sub,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

/**
 * The smooth L1 loss (Huber's, divided by β), a scalar from 0: the mean over all values of d²/(2β) where |d| < β, else of
 * |d| - β/2, with d = prediction - target.
 *
 * As `torch.nn.functional.smooth_l1_loss`. The derivative is written by hand, in one pass: clip(d, -β, β) / β over the
 * number of values.
 *
 * @param prediction of any shape.
 * @param target of the same shape; it gets a gradient too, unless `stopGradient` is put around it.
 * @param beta β, above 0: where the square becomes straight.
 * @throws AfterimageError `tensor/shape` when the shapes differ.
 */
export function smoothL1(prediction: Tensor, target: Tensor, beta = 1): Tensor {
  if (!sameShape(prediction.shape, target.shape))
    throw shapeError("smoothL1", "a prediction and a target of one shape", [prediction, target]);
  const difference = sub(prediction, target);
  const size = abs(difference);
  const inner = minimum(size, beta);
  // m·(|d| - m/2)/β with m = min(|d|, β) is both pieces. Row by row first, for float32's digits.
  const terms = div(mul(inner, sub(size, mul(inner, 0.5))), beta);
  const value = mean(terms.rank > 1 ? mean(terms, [-1]) : terms);
  return withDerivative(value, [prediction, target], (g) => {
    const slope = mul(clip(difference, -beta, beta), div(g, beta * difference.size));
    return [slope, neg(slope)];
  });
}
