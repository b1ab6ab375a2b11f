import {
  argmax,
  concat,
  logSumExp,
  matmul,
  max,
  mul,
  reshape,
  sizeOfAxis,
  sliceAxis,
  softmax,
  stopGradient,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { after, rowsOfStretch, stretchesOf } from "./stretches.ts";

export interface BankRepulsion {
  /** log Σ_k exp(u_i · e_k), `[B]`. */
  logSumExp: Tensor;
  /** The largest u_i · e_k, `[B]`. No gradient passes. */
  largest: Tensor;
  /** The index k of that largest product, int64 `[B]`; the first of equals. */
  nearest: Tensor;
}

/**
 * Compares rows u `[B, D]` with rows e `[N, D]` that do not learn (a memory bank, a queue). It goes in
 * stretches of rows u, so that memory grows with B and not with B · N.
 *
 * With p the softmax of a stretch's products, its gradient is p·e. It is computed together with the value,
 * and the next stretch waits for it, so that p is freed by then.
 */
export function bankRepulsion(
  u: Tensor,
  bank: Tensor,
  rowsAtOnce = rowsOfStretch(sizeOfAxis(bank, 0, "bankRepulsion"), 16),
): BankRepulsion {
  const e = stopGradient(bank);
  const sums: Tensor[] = [];
  const largest: Tensor[] = [];
  const nearest: Tensor[] = [];
  const byU: Tensor[] = [];
  for (const { start, end } of stretchesOf(sizeOfAxis(u, 0, "bankRepulsion"), rowsAtOnce)) {
    const made = [byU, sums, largest, nearest].flatMap((parts) => parts.slice(-1));
    const own = after(sliceAxis(u, 0, start, end), made); // [R, D]
    const logits = matmul(own, e, { transposeB: true }); // [R, N]
    sums.push(logSumExp(logits, [1]));
    largest.push(max(logits, [1]));
    nearest.push(argmax(logits, 1));
    byU.push(matmul(softmax(logits), e));
  }
  const rule = (g: Tensor) => [mul(concat(byU), reshape(g, [g.size, 1]))];
  return {
    logSumExp: withDerivative(concat(sums), [u], rule),
    largest: stopGradient(concat(largest)),
    nearest: concat(nearest),
  };
}
