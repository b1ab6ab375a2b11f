import { l2Normalize } from "../../nn/l2-normalize.ts";
import {
  add,
  div,
  matmul,
  mean,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
} from "../../tensor/index.ts";

/** Rows that are all equal then give 0. */
const TINY = 1e-30;

/**
 * The number of directions in which rows vary, a scalar without gradient: (Σ λ)² / Σ λ² over the eigenvalues
 * λ of the covariance of the L2-normalised rows. It ranges from 1, if all rows lie on a line, to min(B - 1,
 * D), if they vary equally in all directions. Standard deviations cannot show the first case: batch norm
 * keeps the spread of every column even if all columns are the same.
 *
 * Source: Jing et al. 2021, "Understanding dimensional collapse in contrastive self-supervised learning",
 * arXiv 2110.09348, which examines these eigenvalues; the ratio is that of Recanatesi et al. 2019, arXiv
 * 1906.00443.
 *
 * @param x `[B, D]`, B at least 2.
 */
export function participationRatio(x: Tensor): Tensor {
  const rows = l2Normalize(stopGradient(x));
  const centred = sub(rows, mean(rows, [0], true));
  // [B, B]; its eigenvalues are those of the covariance times a constant.
  const gram = matmul(centred, transpose(centred));
  const trace = sum(square(centred));
  return div(square(trace), add(sum(square(gram)), TINY));
}
