import { compareOutcomes, type Difference } from "../evaluate/standard-error.ts";
import type { Headline, Judged } from "./prediction-scores.ts";

/**
 * What a network that learned from labels is compared with. `scratch` is the same network, trained from
 * random weights with the same labels; `teacher` the network that a student learned from.
 */
export const BASELINES = ["linear", "knn", "scratch", "teacher"] as const;
export type Baseline = (typeof BASELINES)[number];

export interface BaselineComparison {
  baseline: Baseline;
  headline: Headline;
  /**
   * The fine-tuned network minus the baseline on the same pictures: better or worse only beyond two standard
   * errors. For an error, which is better when it is smaller, the sign is changed.
   */
  comparison: Difference;
}

/**
 * Compares a fine-tuned network with the baselines there are.
 *
 * @throws AfterimageError `evaluate/shape` for judgements of other pictures, by their number.
 */
export function compareBaselines(
  own: Judged,
  others: Readonly<Partial<Record<Baseline, Judged>>>,
): BaselineComparison[] {
  return BASELINES.flatMap((baseline) => {
    const other = others[baseline];
    if (other === undefined) return [];
    const comparison = compareOutcomes(own.outcomes, other.outcomes);
    return [{ baseline, headline: other.headline, comparison }];
  });
}
