import { add, div, mean, mul, neg, softplus, sub, sum, type Tensor } from "../tensor/index.ts";
import { asScores, negativesCount, negativesMask, positivesOf } from "./score-matrix.ts";

/**
 * The Jensen–Shannon estimate of the information that two parts of a picture share, a scalar in nats: mean
 * over positives of (ln 2 - softplus(-u)) minus mean over negatives of (softplus(u) - ln 2). It is to be
 * maximised: the loss is its negative. Scores of 0 give 0. The limit is 2·ln 2, twice the largest
 * Jensen–Shannon divergence, when positives and negatives are separated with certainty.
 *
 * Source: Deep InfoMax, arXiv 1808.06670, equation 4, shifted by 2·ln 2; `fenchel_dual_loss` with measure
 * `JSD` in the authors' `cortex_DIM/functions/dim_losses.py` is its negative.
 *
 * @param scores u, `[B, B]`, or `[B, B, M]` with M places; positives where the first two indices are equal.
 * @throws AfterimageError `tensor/shape` for other shapes, or B of 1.
 */
export function jensenShannonBound(scores: Tensor): Tensor {
  const u = asScores("jensenShannonBound", scores);
  const positive = neg(mean(softplus(neg(positivesOf(u)))));
  // Row by row first: one sum over all elements would lose digits.
  const negatives = sum(sum(mul(softplus(u), negativesMask(u)), [1, 2]));
  return add(sub(positive, div(negatives, negativesCount(u))), 2 * Math.LN2);
}
