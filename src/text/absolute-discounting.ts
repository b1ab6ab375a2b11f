import type { BackoffModel } from "./backoff-model.ts";
import { discounted, type LowestOrder } from "./discounted.ts";
import { givenDiscount, oneDiscount } from "./discounts.ts";
import type { NgramCounts } from "./ngram-counts.ts";

export interface DiscountingOptions {
  /** Taken from every count that is above 0, in [0, 1]. Default: estimated for each length of n-grams. */
  discount?: number;
  /** Default "uniform". */
  lowest?: LowestOrder;
}

/**
 * Interpolated absolute discounting: D is taken from the count of every n-gram, and what is freed is shared
 * among all words as the next shorter context predicts them. Ney, Essen and Kneser 1994; Chen and Goodman
 * 1998, section 2.6.
 *
 * @throws AfterimageError `usage/value` for a discount out of range; `data/empty`, `data/too-small` as
 * `NgramCounts.requireOrder`.
 */
export function absoluteDiscounting(
  counts: NgramCounts,
  { discount, lowest = "uniform" }: DiscountingOptions = {},
): BackoffModel {
  const given = discount === undefined ? null : givenDiscount(discount);
  const adjusted = counts.levels.map((level) => Float64Array.from(level.counts));
  return discounted(counts, { adjusted, discountsOf: (a) => given ?? oneDiscount(a), lowest });
}
