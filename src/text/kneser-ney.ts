import type { DiscountingOptions } from "./absolute-discounting.ts";
import { adjustedCounts } from "./adjusted-counts.ts";
import type { BackoffModel } from "./backoff-model.ts";
import { discounted } from "./discounted.ts";
import { givenDiscount, oneDiscount, threeDiscounts } from "./discounts.ts";
import type { NgramCounts } from "./ngram-counts.ts";

/**
 * Interpolated Kneser–Ney smoothing: absolute discounting in which a shorter n-gram counts by the number of
 * different words before it ({@link adjustedCounts}). "Francisco" is frequent, but only after "San", so it is
 * not likely in a new context. Kneser and Ney 1995; Chen and Goodman 1998, section 2.7.
 *
 * @throws AfterimageError as `absoluteDiscounting`.
 */
export function kneserNey(
  counts: NgramCounts,
  { discount, lowest = "uniform" }: DiscountingOptions = {},
): BackoffModel {
  const given = discount === undefined ? null : givenDiscount(discount);
  const adjusted = adjustedCounts(counts);
  return discounted(counts, { adjusted, discountsOf: (a) => given ?? oneDiscount(a), lowest });
}

/**
 * Modified Kneser–Ney smoothing, interpolated: {@link kneserNey} with three discounts for each length of
 * n-grams, for counts of 1, 2 and 3 or more. Chen and Goodman 1998, section 3.
 *
 * @throws AfterimageError `data/empty`, `data/too-small` as `NgramCounts.requireOrder`.
 */
export function modifiedKneserNey(
  counts: NgramCounts,
  { lowest = "uniform" }: Pick<DiscountingOptions, "lowest"> = {},
): BackoffModel {
  return discounted(counts, { adjusted: adjustedCounts(counts), discountsOf: threeDiscounts, lowest });
}
