import type { Matrix } from "../../formats/matrix.ts";
import { requireFeatures, requireLabels } from "../checks.ts";
import { logSoftmaxRow } from "./log-softmax-row.ts";
import { negativeLogLikelihood } from "./negative-log-likelihood.ts";

/** The smallest and the largest temperature that {@link fitTemperature} finds. */
export const TEMPERATURE_RANGE: readonly [number, number] = [0.05, 20];

/** The logarithm of the temperature is found to 2^-50 of its range. */
const HALVINGS = 50;

export interface TemperatureFit {
  temperature: number;
  /** Negative log-likelihood at temperature 1, in nats. */
  before: number;
  /** The same at the temperature found; not above `before`, except for rounding. */
  after: number;
  /**
   * The best temperature is at an end of {@link TEMPERATURE_RANGE}: with all predictions right, for example,
   * at the lower.
   */
  isAtBound: boolean;
}

/**
 * Temperature scaling: the T in [0.05, 20] with the smallest negative log-likelihood of softmax(logits / T).
 * It changes no prediction. Fit it on a validation part, not on pictures that trained.
 *
 * It is convex in 1/T, so its derivative has at most one zero, which bisection finds:
 * d NLL / d(1/T) = mean of Σ_c softmax(z/T)_c · z_c - z_label. Source: Guo et al. 2017, arXiv 1706.04599,
 * section 4.2.
 *
 * @param labels N classes, 0 … C - 1.
 * @param logits `[N, C]`.
 * @throws AfterimageError `evaluate/labels`, `evaluate/shape`, `evaluate/not-finite`.
 */
export function fitTemperature(labels: ArrayLike<number>, logits: Matrix): TemperatureFit {
  requireFeatures("the logits", logits);
  requireLabels("the labels", labels, logits.rows, logits.cols);
  const [least, most] = TEMPERATURE_RANGE;
  const before = negativeLogLikelihood(labels, logits);
  const isPastBest = (temperature: number) => slope(labels, logits, temperature) <= 0;
  if (isFlat(logits)) return { temperature: 1, before, after: before, isAtBound: false };
  const temperature = isPastBest(least) ? least : isPastBest(most) ? bisect(isPastBest, least, most) : most;
  const after = negativeLogLikelihood(labels, logits, temperature);
  return { temperature, before, after, isAtBound: temperature === least || temperature === most };
}

/** Where all logits of every row are equal no temperature changes anything. */
function isFlat({ cols, data }: Matrix): boolean {
  return data.every((logit, at) => logit === data[at - (at % cols)]);
}

/** The point at which `isAbove` becomes true, by halving the range of logarithms. */
function bisect(isAbove: (value: number) => boolean, least: number, most: number): number {
  let [low, high] = [Math.log(least), Math.log(most)];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (isAbove(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The derivative of the negative log-likelihood by 1/T, at a temperature T. */
function slope(labels: ArrayLike<number>, logits: Matrix, temperature: number): number {
  const { rows, cols, data } = logits;
  const row = new Float64Array(cols);
  let sum = 0;
  for (let at = 0; at < rows; at++) {
    logSoftmaxRow(logits, at, temperature, row);
    const own = data[at * cols + labels[at]!]!;
    // Differences from the label's logit, so that nothing cancels where its probability is near 1.
    for (let c = 0; c < cols; c++) sum += Math.exp(row[c]!) * (data[at * cols + c]! - own);
  }
  return sum / rows;
}
