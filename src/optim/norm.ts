import { add, sqrt, square, sum, type Tensor } from "../tensor/index.ts";

/** The Euclidean norm of all elements, a scalar. */
export function norm(x: Tensor): Tensor {
  return sqrt(sum(square(x)));
}

/** The norm of all tensors taken as one vector, a scalar. `tensors` has at least one. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  return sqrt(tensors.map((x) => sum(square(x))).reduce((total, part) => add(total, part)));
}
