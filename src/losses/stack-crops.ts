import { concat, reshape, sizeOfAxis, Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/** Rows of one crop `[B, K]`, or of several one after another `[n, B, K]`, as `[n, B, K]`. */
export function asCrops(rows: Tensor): Tensor {
  if (rows.rank !== 2 && rows.rank !== 3)
    throw shapeError("a loss over crops", "[B, K] or [n, B, K]", [rows]);
  return reshape(rows, [rows.rank === 3 ? sizeOfAxis(rows, 0, "stackCrops") : 1, ...rows.shape.slice(-2)]);
}

/**
 * Crops in one tensor, `[n, B, K]`.
 *
 * @param crops `[B, K]` or `[n, B, K]`, or a list of such tensors.
 * @throws AfterimageError `tensor/shape` for another rank, or when B or K differ.
 */
export function stackCrops(crops: Tensor | readonly Tensor[]): Tensor {
  return concat((crops instanceof Tensor ? [crops] : crops).map(asCrops));
}
