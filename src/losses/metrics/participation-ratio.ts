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

/** So that rows that are all equal have 0. */
const TINY = 1e-30;

/**
 * In how many directions rows differ, a scalar without gradient: (Σ λ)² / Σ λ² over the eigenvalues λ of the
 * covariance of the L2-normalised rows, from 1, where all lie on a line, to min(B - 1, D) where they differ
 * alike in all directions. Deviations cannot tell the first: batch norm keeps every column spread while all
 * columns may say the same.
 *
 * Source: Jing et al. 2021, "Understanding dimensional collapse in contrastive self-supervised learning",
 * arXiv 2110.09348, which looks at these eigenvalues; the ratio is that of Recanatesi et al. 2019, arXiv
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
