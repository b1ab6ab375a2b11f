import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  add,
  argmax,
  cast,
  concat,
  constant,
  div,
  equal,
  logSumExp,
  matmul,
  mean,
  mul,
  type Operand,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

export interface NtXentOptions {
  /** Divides the cosines; above 0. SimCLR: 0.1 on ImageNet, 0.5 on CIFAR-10. */
  temperature: Operand;
}

/** What is added to the similarity of a row with itself: its exponential is then 0. */
const EXCLUDED = -1e9;

/**
 * NT-Xent, the normalised temperature-scaled cross-entropy loss, a scalar in nats: the mean over all 2B rows i of
 * -log( exp(s(i, p(i))/τ) / Σ_{k≠i} exp(s(i, k)/τ) ), s the cosine and p(i) the other view of the same picture.
 *
 * Source: SimCLR, arXiv 2002.05709, equation 1 and algorithm 1. The authors' `objective.py` adds the means of the
 * two halves instead of averaging them: twice this value. All rows equal give ln(2B - 1).
 *
 * @param first `[B, D]`, one view of each picture; normalised here.
 * @param second `[B, D]`, the other view, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape.
 */
export function ntXent(first: Tensor, second: Tensor, options: NtXentOptions): Tensor {
  return ntXentWithAccuracy(first, second, options).loss;
}

export interface NtXentResult {
  /** The value of {@link ntXent}. */
  loss: Tensor;
  /** The share of the 2B rows whose other view is the nearest of the 2B - 1 other rows. */
  accuracy: Tensor;
}

/**
 * {@link ntXent} and the contrastive accuracy. What is not used of the result costs nothing.
 * (The authors' accuracy looks for the other view among the B rows of the other views only.)
 */
export function ntXentWithAccuracy(
  first: Tensor,
  second: Tensor,
  { temperature }: NtXentOptions,
): NtXentResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw shapeError("ntXent", "two views [B, D] of one shape", [first, second]);
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const rows = concat([a, b]); // [2B, D]
  const similarities = matmul(div(rows, temperature), rows, { transposeB: true }); // [2B, 2B]
  const logits = withoutSelf(similarities);
  // s(i, p(i)) is the same for both views of a picture, so its mean over 2B rows is that over B pictures.
  const attraction = div(mean(sum(mul(a, b), [1])), temperature);
  return { loss: sub(mean(logSumExp(logits, [1])), attraction), accuracy: accuracyOf(logits) };
}

/** Added rather than chosen by `where`: one quick pass forward and none backward, since exp(-1e9) is 0 anyway. */
function withoutSelf(similarities: Tensor): Tensor {
  const count = similarities.shape[0]!;
  const order = Array.from({ length: count }, (_, i) => i);
  const isSelf = equal(constant(order, [count, 1], "int64"), constant(order, [1, count], "int64"));
  return add(similarities, mul(cast(isSelf, "float32"), EXCLUDED));
}

function accuracyOf(logits: Tensor): Tensor {
  const count = logits.shape[0]!;
  const partners = Array.from({ length: count }, (_, i) => (i + count / 2) % count);
  return mean(cast(equal(argmax(logits, 1), constant(partners, [count], "int64")), "float32"));
}
