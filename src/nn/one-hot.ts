import { cast, constant, equal, reshape, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/**
 * Labels `[B]` as rows of zeros and a 1: float32 `[B, K]`. A label outside of 0 … K - 1 has zeros only.
 *
 * @param labels `[B]`, int32 or int64.
 * @param classes K.
 * @throws AfterimageError `tensor/shape` for labels that are no vector of integers.
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  if (labels.rank !== 1 || !(labels.dtype === "int32" || labels.dtype === "int64"))
    throw shapeError("oneHot", "integer labels [B]", [labels]);
  const all = Array.from({ length: classes }, (_, c) => c);
  const column = reshape(cast(labels, "int64"), [labels.size, 1]); // [B, 1]
  return cast(equal(column, constant(all, [1, classes], "int64")), "float32");
}
