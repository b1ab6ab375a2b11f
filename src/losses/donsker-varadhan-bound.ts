import { logSumExp, mean, sub, type Tensor } from "../tensor/index.ts";
import { asScores, negativesCount, positivesOf, withoutPositives } from "./score-matrix.ts";

/**
 * The Donsker–Varadhan bound on the information that two parts of a picture share, a scalar in nats: (mean
 * over positives of u) - log(mean over negatives of eᵘ). It is to be maximised: the loss is its negative. It
 * is 0 if all scores are equal and has no upper bound. Estimates from few negatives vary much.
 *
 * Source: MINE, arXiv 1801.04062, section 3.1; Deep InfoMax, arXiv 1808.06670, equation 2. In the authors'
 * code (`donsker_varadhan_loss` in `cortex_DIM/functions/dim_losses.py`) the negatives' sum over M places is
 * divided by B(B - 1) only, so that its loss is larger by ln M; gradients are the same.
 *
 * @param scores u, `[B, B]`, or `[B, B, M]` with M places; positives where the first two indices are equal.
 * @throws AfterimageError `tensor/shape` for other shapes, or B of 1.
 */
export function donskerVaradhanBound(scores: Tensor): Tensor {
  const u = asScores("donskerVaradhanBound", scores);
  const all = logSumExp(logSumExp(withoutPositives(u), [1, 2])); // row by row first, which keeps digits
  return sub(mean(positivesOf(u)), sub(all, Math.log(negativesCount(u))));
}
