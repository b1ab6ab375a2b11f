/**
 * The uncertainty of a mean over pictures, or of a difference of two means, with respect to other pictures of
 * the same kind.
 */
import { AfterimageError } from "../errors.ts";

/** A difference of at most this many standard errors is not clear. */
export const CLEAR = 2;

/**
 * The standard error of the mean of n outcomes x, one for each picture: √(Σ (x - mean)²) / n. For outcomes
 * that are right (1) or wrong (0) this is the binomial √(p (1 - p) / n). Pictures are assumed to be
 * independent. In cross-validation they share training pictures, and then no unbiased estimate exists (Bengio
 * and Grandvalet 2004, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation").
 *
 * @throws AfterimageError `evaluate/shape` for no outcomes, `evaluate/not-finite` for NaN or infinity.
 */
export function standardError(outcomes: ArrayLike<number>): number {
  const mean = meanOf(outcomes);
  return Math.sqrt(sumOf(outcomes, (x) => (x - mean) ** 2)) / outcomes.length;
}

export interface Difference {
  /** Mean of the first minus mean of the second. */
  difference: number;
  standardError: number;
  /** Better or worse when the difference is above two standard errors. */
  verdict: "better" | "worse" | "unclear";
}

/**
 * Compares outcomes on the same pictures. It uses the difference d for each picture: the mean of d has the
 * standard error √(Σ d²) / n if the true difference is 0. For outcomes that are right or wrong this is √(b +
 * c) / n, where b pictures are right only in the first and c only in the second. The mean over its standard
 * error is then McNemar's (b - c) / √(b + c).
 *
 * Source: McNemar 1947, "Note on the Sampling Error of the Difference Between Correlated Proportions or
 * Percentages", Psychometrika 12; for classifiers Dietterich 1998, "Approximate Statistical Tests for
 * Comparing Supervised Classification Learning Algorithms", Neural Computation 10, section 3.1.
 *
 * @throws AfterimageError `evaluate/shape` for no outcomes or unequal numbers of them, `evaluate/not-finite`
 * for NaN.
 */
export function compareOutcomes(first: ArrayLike<number>, second: ArrayLike<number>): Difference {
  if (first.length !== second.length)
    throw wrongCount(`${first.length} outcomes, as in the first list`, second.length);
  const differences = Float64Array.from(first, (x, at) => x - second[at]!);
  const difference = meanOf(differences);
  const error = Math.sqrt(sumOf(differences, (d) => d ** 2)) / differences.length;
  const isClear = Math.abs(difference) > CLEAR * error;
  const verdict = !isClear ? "unclear" : difference > 0 ? "better" : "worse";
  return { difference, standardError: error, verdict };
}

function meanOf(outcomes: ArrayLike<number>): number {
  if (outcomes.length === 0) throw wrongCount("at least one outcome", 0);
  const mean = sumOf(outcomes, (x) => x) / outcomes.length;
  if (Number.isFinite(mean)) return mean;
  throw new AfterimageError("evaluate/not-finite", {
    what: "an outcome is not finite",
    expected: "numbers from 0 to 1, or their differences",
    got: String(mean),
  });
}

function sumOf(outcomes: ArrayLike<number>, term: (x: number) => number): number {
  let sum = 0;
  for (let at = 0; at < outcomes.length; at++) sum += term(outcomes[at]!);
  return sum;
}

function wrongCount(expected: string, got: number): AfterimageError {
  return new AfterimageError("evaluate/shape", {
    what: "these outcomes cannot be averaged or compared",
    expected,
    got: String(got),
  });
}
