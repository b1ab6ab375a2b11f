import { add, reshape, sqrt, square, sum, type Tensor } from "../tensor/index.ts";

/** The Euclidean norm of all elements, a scalar. */
export function norm(x: Tensor): Tensor {
  return sqrt(sumOfSquares(x));
}

/** The norm of all tensors taken as one vector, a scalar. `tensors` has at least one. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  return sqrt(tensors.map(sumOfSquares).reduce((total, part) => add(total, part)));
}

/** Row by row first: float32 adding millions of terms to one sum would lose digits. */
function sumOfSquares(x: Tensor): Tensor {
  const squares = square(x);
  return x.rank < 2 ? sum(squares) : sum(sum(reshape(squares, [x.shape[0]!, -1]), [1]));
}
