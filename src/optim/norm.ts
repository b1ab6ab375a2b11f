import {
  add,
  div,
  maximum,
  mul,
  reshape,
  sqrt,
  square,
  sum,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/** The Euclidean norm of all elements, a scalar. Its derivative at 0 is 0. */
export function norm(x: Tensor): Tensor {
  return globalNorm([x]);
}

/**
 * The norm of all tensors taken as one vector, a scalar. Its derivative at 0 is 0. `tensors` has at least
 * one.
 *
 * @throws AfterimageError `tensor/shape` for none.
 */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 0) throw shapeError("globalNorm", "at least one tensor", []);
  const value = sqrt(tensors.map(sumOfSquares).reduce((total, part) => add(total, part)));
  return withDerivative(value, tensors, (g) => {
    const share = div(g, maximum(value, TINY));
    return tensors.map((x) => mul(x, share));
  });
}

/** Far below any norm that counts; its reciprocal is a float32. */
const TINY = 1e-30;

/** Row by row first: float32 would lose digits in one sum over millions of terms. */
function sumOfSquares(x: Tensor): Tensor {
  const squares = square(x);
  return x.rank < 2 ? sum(squares) : sum(sum(reshape(squares, [x.shape[0]!, -1]), [1]));
}
