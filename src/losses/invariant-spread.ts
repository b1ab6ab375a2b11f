import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  add,
  concat,
  div,
  mean,
  mul,
  type Operand,
  sizeOfAxis,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { repulsion } from "./repulsion.ts";
import { spreading } from "./spreading.ts";
import { otherViews, withoutSelf } from "./view-pairs.ts";

export interface InvariantSpreadOptions {
  /** Divides the cosines; above 0. 0.1 in the paper. */
  temperature: Operand;
  /** Rows of similarities that are computed at a time. By default as many as give 2 million similarities. */
  rowsAtOnce?: number;
}

export interface InvariantSpreadResult {
  /** The value of {@link invariantSpread}, the sum of the two terms. */
  loss: Tensor;
  /** The mean of -log P(i|x̂_i) over 2B rows. Its value equals that of NT-Xent. */
  invariance: Tensor;
  /** The mean over 2B rows i of -Σ_j log(1 - P(j|i)), j the 2B - 2 rows of other pictures. */
  spread: Tensor;
}

/**
 * The loss of the invariant and spreading instance feature, a scalar in nats: the mean over all 2B rows i of
 * -log P(i's other view | i) - Σ_j log(1 - P(j | i)), j the rows of other pictures, and P the softmax of
 * cosines / τ over all rows except i itself. Rows that are all equal give ln n + (n - 1)·ln(n / (n - 1)) for
 * n = 2B - 1.
 *
 * Source: InvaSpread, arXiv 1904.03436, section 3.2; `BatchCriterion` in the authors' `BatchAverage.py` with
 * negM = 1. As there, a row is compared with constants: it gets the gradient of its own terms only.
 *
 * @param first `[B, D]`, one view of each picture; normalised here.
 * @param second `[B, D]`, the other view, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape.
 */
export function invariantSpread(first: Tensor, second: Tensor, options: InvariantSpreadOptions): Tensor {
  return invariantSpreadWithTerms(first, second, options).loss;
}

/**
 * {@link invariantSpread} and its two terms, with gradients of their own. Parts of the result that are not
 * used cost nothing.
 */
export function invariantSpreadWithTerms(
  first: Tensor,
  second: Tensor,
  { temperature, rowsAtOnce }: InvariantSpreadOptions,
): InvariantSpreadResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw shapeError("invariantSpread", "two views [B, D] of the same shape", [first, second]);
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const [rows, others] = [concat([a, b]), stopGradient(concat([b, a]))]; // [2B, D]
  const [anchors, fixed] = [byTemperature(rows, temperature), stopGradient(rows)];
  const count = sizeOfAxis(rows, 0, "invariantSpread");
  const { total } = repulsion(anchors, fixed, {
    rowsAtOnce,
    positives: (stretch) => otherViews(stretch, count),
    exclude: withoutSelf,
  });
  const invariance = sub(div(total, count), mean(sum(mul(anchors, others), [1])));
  const spread = div(spreading(anchors, fixed, rowsAtOnce), count);
  return { loss: add(invariance, spread), invariance, spread };
}
