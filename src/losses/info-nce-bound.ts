import { logSumExp, mean, reshape, sizeOfAxis, softplus, sub, type Tensor } from "../tensor/index.ts";
import { asScores, negativesCount, positivesOf, withoutPositives } from "./score-matrix.ts";

/**
 * The InfoNCE bound on the information that two parts of a picture share, a scalar in nats. It is to be
 * maximised: the loss is its negative.
 *
 *   ln K + mean over i and m of log( exp(u[i, i, m]) / (exp(u[i, i, m]) + Σ_{j≠i, n} exp(u[i, j, n])) )
 *
 * K = 1 + (B - 1)·M counts the positive and all places of other pictures. It is 0 if all scores are equal,
 * and at most ln K.
 *
 * Source: CPC, arXiv 1807.03748, section 2.3; Deep InfoMax, arXiv 1808.06670, equation 5. `infonce_loss`
 * (earlier `nce_loss`) in the authors' `cortex_DIM/functions/dim_losses.py` is ln K minus this, with one
 * difference: it keeps a picture's own places in the sum, with a score of -10, and here they are left out.
 *
 * @param scores u, `[B, B]`, or `[B, B, M]` with M places; positives where the first two indices are equal.
 * @throws AfterimageError `tensor/shape` for other shapes, or B of 1.
 */
export function infoNceBound(scores: Tensor): Tensor {
  const u = asScores("infoNceBound", scores);
  const count = sizeOfAxis(u, 0, "infoNceBound");
  const negatives = reshape(logSumExp(withoutPositives(u), [1, 2]), [count, 1]); // [B, 1]
  // -log(eᵖ / (eᵖ + Σ eⁿ)) = log(1 + exp(log Σ eⁿ - p))
  const loss = mean(softplus(sub(negatives, positivesOf(u))));
  return sub(Math.log(1 + negativesCount(u) / count), loss);
}
