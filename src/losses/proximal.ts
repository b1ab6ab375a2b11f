import { mean, mul, type Operand, square, stopGradient, sub, sum, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

/**
 * Proximal regularisation, a scalar: λ times the mean over the batch of ‖v - v_before‖². It keeps embeddings
 * near those of the epoch before, because every picture is seen only once an epoch. It is 0 if no embedding
 * moved, and at most 4λ for unit vectors.
 *
 * Source: InstDisc, arXiv 1805.01978, equations 9 and 10, where it is added to the NCE loss.
 *
 * @param embeddings v, `[B, D]`.
 * @param before the same pictures' rows in the bank, `[B, D]`. No gradient passes through them.
 * @param weight λ, 0 or more.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape.
 */
export function proximal(embeddings: Tensor, before: Tensor, weight: Operand): Tensor {
  if (embeddings.rank !== 2 || !sameShape(embeddings.shape, before.shape))
    throw shapeError("proximal", "embeddings [B, D] and their rows of the bank [B, D]", [embeddings, before]);
  return mul(mean(sum(square(sub(embeddings, stopGradient(before))), [1])), weight);
}
