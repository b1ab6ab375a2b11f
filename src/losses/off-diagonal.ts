import { reshape, sliceAxis, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/**
 * The elements of a square matrix `[D, D]` outside its diagonal, `[D - 1, D]`, row-major. D is at least 2.
 *
 * If the last element is dropped and the rest reshaped to rows of D + 1, each row begins with an element of
 * the diagonal. So no mask of D² elements is made, and the diagonal is not subtracted from a larger sum.
 *
 * @throws AfterimageError `tensor/shape` for anything else.
 */
export function offDiagonal(matrix: Tensor): Tensor {
  const [D] = matrix.shape;
  if (matrix.rank !== 2 || D !== matrix.shape[1] || D === undefined || D < 2)
    throw shapeError("offDiagonal", "a square matrix [D, D] of at least 2 rows", [matrix]);
  const withoutLast = sliceAxis(reshape(matrix, [D ** 2]), 0, 0, D ** 2 - 1);
  return sliceAxis(reshape(withoutLast, [D - 1, D + 1]), 1, 1, D + 1); // [D - 1, D]
}
