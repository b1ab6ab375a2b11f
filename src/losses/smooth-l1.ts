import {
  abs,
  clip,
  div,
  mean,
  minimum,
  mul,
  neg,
  sign,
  sub,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { requirePositive } from "./by-temperature.ts";

/**
 * The smooth L1 loss (Huber's, divided by β), a scalar from 0: the mean over all values of d²/(2β) if |d| <
 * β, otherwise of |d| - β/2, with d = prediction - target.
 *
 * As `torch.nn.functional.smooth_l1_loss`. The derivative is written by hand, in one pass: clip(d, -β, β) / β
 * over the number of values.
 *
 * @param prediction of any shape.
 * @param target of the same shape; it gets a gradient too, unless `stopGradient` is put around it.
 * @param beta β, from 0: the size of d at which the square becomes a line. 0 is the L1 loss, whose derivative
 * at 0 is 0.
 * @throws AfterimageError `tensor/shape` when the shapes differ, `usage/value` for another β.
 */
export function smoothL1(prediction: Tensor, target: Tensor, beta = 1): Tensor {
  if (!sameShape(prediction.shape, target.shape))
    throw shapeError("smoothL1", "a prediction and a target of the same shape", [prediction, target]);
  if (beta !== 0) requirePositive("beta of smoothL1", beta);
  const difference = sub(prediction, target);
  const size = abs(difference);
  const terms = beta === 0 ? size : pieces(size, beta);
  // Row by row first, to keep float32's digits.
  const value = mean(terms.rank > 1 ? mean(terms, [-1]) : terms);
  return withDerivative(value, [prediction, target], (g) => {
    const slope =
      beta === 0
        ? mul(sign(difference), div(g, difference.size))
        : mul(clip(difference, -beta, beta), div(g, beta * difference.size));
    return [slope, neg(slope)];
  });
}

/** Both pieces in one formula: m·(|d| - m/2)/β with m = min(|d|, β). */
function pieces(size: Tensor, beta: number): Tensor {
  const inner = minimum(size, beta);
  return div(mul(inner, sub(size, mul(inner, 0.5))), beta);
}
