import {
  add,
  div,
  matmul,
  mean,
  mul,
  type Operand,
  sizeOfAxis,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { requirePositive } from "./by-temperature.ts";
import { offDiagonal } from "./off-diagonal.ts";

export interface BarlowTwinsOptions {
  /** λ, the weight of the redundancy; .0051 by default, as in the authors' code. */
  redundancyWeight?: Operand;
  /** Added to the variance; 1e-5 by default, that of batch norm. */
  epsilon?: number;
}

export interface BarlowTwinsResult {
  /** The value of {@link barlowTwins}. */
  loss: Tensor;
  /** Σ_i (1 - C_ii)², from 0 to 4·D: how far the views are from agreeing. */
  onDiagonal: Tensor;
  /** Σ_i≠j C_ij², from 0 to D·(D - 1): how far the outputs are from being uncorrelated. Not weighted. */
  offDiagonal: Tensor;
}

/**
 * The Barlow Twins loss, a scalar: Σ_i (1 - C_ii)² + λ · Σ_i≠j C_ij², C `[D, D]` the correlations of the
 * first view's outputs with the second's over the batch. It is 0 if both views agree and no two outputs are
 * correlated, and D if the views have nothing in common or no output varies.
 *
 * Outputs are standardised by batch norm without weights: biased variance, ε added to it.
 *
 * Source: Barlow Twins, arXiv 2103.03230, equations 1 and 2; the authors' `main.py`.
 *
 * @param first `[B, D]`, one view of each picture, D at least 2; standardised here.
 * @param second `[B, D]`, the other view, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape, or D is 1.
 */
export function barlowTwins(first: Tensor, second: Tensor, options: BarlowTwinsOptions = {}): Tensor {
  return barlowTwinsWithParts(first, second, options).loss;
}

/** {@link barlowTwins} and its two parts. Parts of the result that are not used cost nothing. */
export function barlowTwinsWithParts(
  first: Tensor,
  second: Tensor,
  { redundancyWeight = 0.0051, epsilon = 1e-5 }: BarlowTwinsOptions = {},
): BarlowTwinsResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw shapeError("barlowTwins", "two views [B, D] of the same shape", [first, second]);
  requirePositive("epsilon of barlowTwins", epsilon);
  const [a, b] = [standardized(first, epsilon), standardized(second, epsilon)];
  const correlations = div(matmul(a, b, { transposeA: true }), sizeOfAxis(first, 0, "barlowTwins")); // [D, D]
  const diagonal = mean(mul(a, b), [0]); // [D]
  const agreement = sum(square(sub(1, diagonal)));
  const redundancy = sum(sum(square(offDiagonal(correlations)), [1]));
  const loss = add(agreement, mul(redundancy, redundancyWeight));
  return { loss, onDiagonal: agreement, offDiagonal: redundancy };
}

/**
 * Columns brought to mean 0 and variance 1. It takes two passes, because E[x²] - μ² would lose digits if a
 * mean is large.
 */
function standardized(x: Tensor, epsilon: number): Tensor {
  const centred = sub(x, mean(x, [0], true));
  return div(centred, sqrt(add(mean(square(centred), [0], true), epsilon)));
}
