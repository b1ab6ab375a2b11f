import {
  add,
  div,
  matmul,
  mean,
  mul,
  type Operand,
  relu,
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

export interface VicregOptions {
  /** Weight of the invariance; 25 by default, as in the paper. */
  invarianceWeight?: Operand;
  /** Weight of the variance; 25 by default. */
  varianceWeight?: Operand;
  /** Weight of the covariance; 1 by default. */
  covarianceWeight?: Operand;
  /** Added to the variance before its root is taken; 1e-4 by default. */
  epsilon?: number;
}

/** The loss and its parts, none of them weighted, each from 0. */
export interface VicregResult {
  /** The value of {@link vicreg}. */
  loss: Tensor;
  /** Mean squared difference of the views. */
  invariance: Tensor;
  /** Mean over outputs and views of max(0, 1 - deviation): at most 1, and about .99 on collapse. */
  variance: Tensor;
  /** Sum over both views of the squared covariances of different outputs, divided by D. */
  covariance: Tensor;
}

/**
 * The VICReg loss, a scalar: invariance, variance and covariance, weighted 25, 25 and 1. A network that gives
 * every picture the same output has 25 · (1 - √ε) = 24.75.
 *
 * The deviation is √(var + ε); variances and covariances are divided by B - 1. The variance term is the mean
 * of the two views, the covariance term their sum.
 *
 * Source: VICReg, arXiv 2105.04906, equations 1 to 6; the authors' `main_vicreg.py`, which halves the
 * variance of equation 6.
 *
 * @param first `[B, D]`, one view of each picture, B and D at least 2; not normalised.
 * @param second `[B, D]`, the other view, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape, or B or D is 1.
 */
export function vicreg(first: Tensor, second: Tensor, options: VicregOptions = {}): Tensor {
  return vicregWithParts(first, second, options).loss;
}

/** {@link vicreg} and its three parts. Parts of the result that are not used cost nothing. */
export function vicregWithParts(
  first: Tensor,
  second: Tensor,
  { invarianceWeight = 25, varianceWeight = 25, covarianceWeight = 1, epsilon = 1e-4 }: VicregOptions = {},
): VicregResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape) || sizeOfAxis(first, 0, "vicreg") < 2)
    throw shapeError("vicreg", "two views [B, D] of the same shape with at least 2 pictures", [
      first,
      second,
    ]);
  requirePositive("epsilon of vicreg", epsilon);
  const [a, b] = [centred(first), centred(second)];
  const invariance = mean(mean(square(sub(first, second)), [1]));
  const variance = mul(add(missingDeviation(a, epsilon), missingDeviation(b, epsilon)), 0.5);
  const covariance = add(redundancy(a), redundancy(b));
  const loss = add(
    add(mul(invariance, invarianceWeight), mul(variance, varianceWeight)),
    mul(covariance, covarianceWeight),
  );
  return { loss, invariance, variance, covariance };
}

function centred(x: Tensor): Tensor {
  return sub(x, mean(x, [0], true));
}

/** Mean over outputs of max(0, 1 - √(var + ε)); x `[B, D]` of mean 0. */
function missingDeviation(x: Tensor, epsilon: number): Tensor {
  const variance = div(sum(square(x), [0]), sizeOfAxis(x, 0, "vicreg") - 1); // [D]
  return mean(relu(sub(1, sqrt(add(variance, epsilon)))));
}

/** Σ_i≠j Cov_ij² / D; x `[B, D]` of mean 0. */
function redundancy(x: Tensor): Tensor {
  const covariances = div(matmul(x, x, { transposeA: true }), sizeOfAxis(x, 0, "vicreg") - 1); // [D, D]
  return div(sum(sum(square(offDiagonal(covariances)), [1])), sizeOfAxis(x, 1, "vicreg"));
}
