import {
  and,
  argmax,
  cast,
  concat,
  div,
  log,
  logSumExp,
  matmul,
  mul,
  neg,
  not,
  sizeOfAxis,
  sliceAxis,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
  withDerivative,
} from "../tensor/index.ts";
import { added, after, rowsOfStretch, stretchesOf } from "./stretches.ts";
import { columnIs, otherViews, withoutSelf } from "./view-pairs.ts";

/**
 * -Σ_i Σ_j log(1 - P_ij). P_i is the softmax of u_i · e_k over all rows k except i; j runs over all rows
 * except i and the other view of i's picture. Rows u learn, rows e do not. Both are `[2B, D]`, first views
 * then second.
 *
 * It is computed in stretches of rows. Each stretch's gradient is computed together with its value, and the
 * next stretch waits for it.
 */
export function spreading(
  u: Tensor,
  e: Tensor,
  rowsAtOnce: number = rowsOfStretch(sizeOfAxis(e, 0, "spreading"), 128),
): Tensor {
  const sums: Tensor[] = [];
  const byU: Tensor[] = [];
  for (const stretch of stretchesOf(sizeOfAxis(u, 0, "spreading"), rowsAtOnce)) {
    // [R, D]
    const own = after(sliceAxis(u, 0, stretch.start, stretch.end), [...byU.slice(-1), ...sums.slice(-1)]);
    const logits = withoutSelf(matmul(own, e, { transposeB: true }), stretch); // [R, 2B]
    const { value, gradient } = spreadOf(logits, otherViews(stretch, sizeOfAxis(e, 0, "spreading")));
    sums.push(value);
    byU.push(matmul(gradient, stopGradient(e)));
  }
  return withDerivative(added(sums), [u], (g) => [mul(concat(byU), g)]);
}

/** Replaces a row's largest logit, so that its exponential is 0. */
const EXCLUDED = -1e9;

/**
 * With the odds o_j = P_j / (1 - P_j), the gradient with respect to the logit of k is P_k·[k is a negative] -
 * P_k·Σ_{j≠k} o_j, j over the negatives.
 *
 * A row's largest P may be 1 in float32. For it, 1 - P is computed from the sum of the others' exponentials,
 * and P_k times its odds is P times the softmax of k among the others. So nothing overflows at any
 * temperature.
 */
function spreadOf(logits: Tensor, positives: Tensor): { value: Tensor; gradient: Tensor } {
  const isTop = columnIs(logits, argmax(logits, 1));
  const isNegative = not(columnIs(logits, positives));
  const others = where(isTop, EXCLUDED, logits);
  const p = softmax(logits);
  const logRestOfTop = sub(logSumExp(others, [1], true), logSumExp(logits, [1], true)); // [R, 1]
  const logRest = where(isNegative, where(isTop, logRestOfTop, log(sub(1, p))), 0);
  const odds = where(isTop, 0, where(isNegative, div(p, sub(1, p)), 0)); // of all but the top, so 1 at most
  const negativeTop = sum(where(and(isTop, isNegative), p, 0), [1], true); // [R, 1]
  const oddsOfOthers = sub(sum(odds, [1], true), odds);
  const pull = mul(p, sub(cast(isNegative, "float32"), oddsOfOthers));
  return {
    value: neg(sum(sum(logRest, [1]))),
    gradient: sub(pull, mul(softmax(others), negativeTop)),
  };
}
