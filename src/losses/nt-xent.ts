import { l2Normalize } from "../nn/l2-normalize.ts";
import { concat, div, mean, mul, type Operand, sizeOfAxis, sub, sum, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { repulsion } from "./repulsion.ts";
import { otherViews, withoutSelf } from "./view-pairs.ts";

export interface NtXentOptions {
  /** Divides the cosines; above 0. SimCLR: 0.1 on ImageNet, 0.5 on CIFAR-10. */
  temperature: Operand;
  /**
   * Rows of similarities that are computed at a time. A large batch is compared with itself in stretches, so
   * that memory grows with the batch and not with its square. By default as many as give 2 million
   * similarities.
   */
  rowsAtOnce?: number;
  /**
   * Whether the other view of the same picture is left out of the denominator: decoupled contrastive learning
   * (DCL, Yeh et al. 2021, arXiv 2110.06848, equation 6). Gradients then do not shrink when the two views
   * agree, which helps small batches and short runs. All rows equal give ln(2B - 2). Default false.
   */
  decoupled?: boolean;
}

/**
 * NT-Xent, the normalised temperature-scaled cross-entropy loss, a scalar in nats: the mean over all 2B rows
 * i of -log( exp(s(i, p(i))/τ) / Σ_{k≠i} exp(s(i, k)/τ) ), s the cosine and p(i) the other view of the same
 * picture.
 *
 * Source: SimCLR, arXiv 2002.05709, equation 1 and algorithm 1. The authors' `objective.py` adds the means of
 * the two halves instead of averaging them, which gives twice this value. All rows equal give ln(2B - 1).
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
 * {@link ntXent} and the contrastive accuracy. Parts of the result that are not used cost nothing if the
 * batch is compared with itself in one stretch. (The authors' accuracy looks for the other view among the B
 * rows of the other views only.)
 */
export function ntXentWithAccuracy(
  first: Tensor,
  second: Tensor,
  { temperature, rowsAtOnce, decoupled = false }: NtXentOptions,
): NtXentResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw shapeError("ntXent", "two views [B, D] of the same shape", [first, second]);
  if (decoupled && sizeOfAxis(first, 0, "ntXent") < 2)
    throw shapeError("ntXent", "at least two pictures if decoupled: one picture has no negatives", [
      first,
      second,
    ]);
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const rows = concat([a, b]); // [2B, D]
  const count = sizeOfAxis(rows, 0, "ntXent");
  const { total, hits } = repulsion(byTemperature(rows, temperature), rows, {
    ...{ rowsAtOnce, decoupled },
    positives: (stretch) => otherViews(stretch, count),
    exclude: withoutSelf,
  });
  // s(i, p(i)) is the same for both views of a picture, so its mean over 2B rows is the mean over B pictures.
  const attraction = div(mean(sum(mul(a, b), [1])), temperature);
  return { loss: sub(div(total, count), attraction), accuracy: div(hits, count) };
}
