import { add, mul, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { type InfoNceOptions, type InfoNceResult, infoNceWithAccuracy } from "./info-nce.ts";

/**
 * InfoNCE between two sets of rows in both directions, a scalar in nats: the mean of `infoNce(first, second)`
 * and `infoNce(second, first)`. In other words, of the softmax along rows and along columns of one matrix of
 * similarities. Row i of `first` belongs to row i of `second`. Rows that are all equal give ln B.
 *
 * Source: CMC, arXiv 1906.05849, section 3.2, which adds the two (twice this value), with the batch as the
 * negatives. NNCLR (arXiv 2104.14548) makes its equation 4 symmetric in this way, with the nearest neighbours
 * as `first` and the other view as `second`.
 *
 * @param first `[B, D]`.
 * @param second `[B, D]`, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape.
 */
export function symmetricInfoNce(first: Tensor, second: Tensor, options: InfoNceOptions): Tensor {
  return symmetricInfoNceWithAccuracy(first, second, options).loss;
}

/**
 * {@link symmetricInfoNce} and the mean accuracy of both directions. Parts of the result that are not used
 * cost nothing.
 */
export function symmetricInfoNceWithAccuracy(
  first: Tensor,
  second: Tensor,
  options: InfoNceOptions,
): InfoNceResult {
  if (!sameShape(first.shape, second.shape))
    throw shapeError("symmetricInfoNce", "two sets of rows [B, D] of the same shape", [first, second]);
  return meanOf(infoNceWithAccuracy(first, second, options), infoNceWithAccuracy(second, first, options));
}

function meanOf(one: InfoNceResult, other: InfoNceResult): InfoNceResult {
  const half = (name: keyof InfoNceResult) => mul(add(one[name], other[name]), 0.5);
  return { loss: half("loss"), accuracy: half("accuracy") };
}
