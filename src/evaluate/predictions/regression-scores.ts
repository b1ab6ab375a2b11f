import { AfterimageError } from "../../errors.ts";

export interface RegressionScores {
  /** Mean absolute error, in the unit of the targets. */
  mae: number;
  /** Root of the mean squared error, in the unit of the targets. */
  rmse: number;
  /**
   * R² = 1 - Σ (target - prediction)² / Σ (target - mean)²: 1 for perfect predictions, 0 for the mean of the
   * targets as every prediction, below 0 for worse ones. null when all targets are equal, for which it is not
   * defined.
   */
  r2: number | null;
}

/**
 * Errors of predicted numbers. As scikit-learn's `mean_absolute_error`, `root_mean_squared_error` and
 * `r2_score` (which has 0 or 1 where R² is not defined).
 *
 * @param targets N finite numbers.
 * @param predictions as many.
 * @throws AfterimageError `evaluate/shape` when there are none or the two differ in number,
 * `evaluate/not-finite`.
 */
export function regressionScores(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
): RegressionScores {
  requireNumbers(targets, predictions);
  const mean = meanOver(targets.length, (at) => targets[at]!);
  const squared = meanOver(targets.length, (at) => (targets[at]! - predictions[at]!) ** 2);
  const isConstant = Array.from(targets).every((target) => target === targets[0]);
  const variance = meanOver(targets.length, (at) => (targets[at]! - mean) ** 2);
  return {
    mae: meanOver(targets.length, (at) => Math.abs(targets[at]! - predictions[at]!)),
    rmse: Math.sqrt(squared),
    r2: isConstant ? null : 1 - squared / variance,
  };
}

function meanOver(count: number, term: (at: number) => number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += term(at);
  return sum / count;
}

function requireNumbers(targets: ArrayLike<number>, predictions: ArrayLike<number>): void {
  if (targets.length === 0 || targets.length !== predictions.length) {
    throw new AfterimageError("evaluate/shape", {
      what: "the targets and the predictions cannot be compared",
      expected: "as many predictions as targets, at least one",
      got: `${targets.length} targets and ${predictions.length} predictions`,
    });
  }
  for (const [name, values] of Object.entries({ target: targets, prediction: predictions })) {
    const at = Array.from(values).findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new AfterimageError("evaluate/not-finite", {
      what: `a ${name} is not a finite number`,
      where: `row ${at}`,
      got: String(values[at]),
    });
  }
}
