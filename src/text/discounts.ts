/** How much is taken from the counts of n-grams that were seen, for those that were not. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";

/** What is taken from counts of 1, of 2, and of 3 and more. */
export type Discounts = readonly [one: number, two: number, more: number];

/**
 * Where a text is too small to estimate them: KenLM's own for that case, whose `--discount_fallback` has
 * them.
 */
const FALLBACK: Discounts = [0.5, 1, 1.5];

/** n_1 … n_4: how many n-grams have a count of 1, 2, 3 and 4. */
export function countsOfCounts(counts: ArrayLike<number>): [number, number, number, number] {
  const found: [number, number, number, number] = [0, 0, 0, 0];
  for (let id = 0; id < counts.length; id++) {
    const count = counts[id]!;
    if (count >= 1 && count <= 4) found[(count - 1) as 0 | 1 | 2 | 3] += 1;
  }
  return found;
}

/**
 * One discount for all counts, D = n₁ / (n₁ + 2·n₂): Ney, Essen and Kneser 1994. 0.5 where no n-gram has a
 * count of 1, or none a count of 2.
 */
export function oneDiscount(counts: ArrayLike<number>): Discounts {
  const [one, two] = countsOfCounts(counts);
  const discount = one > 0 && two > 0 ? one / (one + 2 * two) : FALLBACK[0];
  return [discount, discount, discount];
}

/**
 * Three discounts, with Y = n₁ / (n₁ + 2·n₂): D₁ = 1 - 2Y·n₂/n₁, D₂ = 2 - 3Y·n₃/n₂, D₃₊ = 3 - 4Y·n₄/n₃. Chen
 * and Goodman 1998, equation 26. 0.5, 1 and 1.5 where one of n₁, n₂ and n₃ is 0, or a discount is below 0 or
 * above its count; these are KenLM's conditions too.
 */
export function threeDiscounts(counts: ArrayLike<number>): Discounts {
  const n = countsOfCounts(counts);
  const y = n[0] / (n[0] + 2 * n[1]);
  const found = ([1, 2, 3] as const).map((i) => i - ((i + 1) * y * n[i]) / n[(i - 1) as 0 | 1 | 2]);
  const isUsable = n.slice(0, 3).every((count) => count > 0) && found.every((d, i) => d >= 0 && d <= i + 1);
  return isUsable ? (found as [number, number, number]) : FALLBACK;
}

/** The discount of a count; a count below 1 has nothing to take. */
export function discountOf(count: number, [one, two, more]: Discounts): number {
  return Math.min(count, count >= 3 ? more : count >= 2 ? two : one);
}

/** @throws AfterimageError `usage/value` for a discount outside of [0, 1]. */
export function givenDiscount(discount: number): Discounts {
  if (discount >= 0 && discount <= 1) return [discount, discount, discount];
  throw new AfterimageError("usage/value", {
    what: `${optionName("discount")} is out of range`,
    expected: "a number from 0 to 1",
    got: `${discount}`,
  });
}
