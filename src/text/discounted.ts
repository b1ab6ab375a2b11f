/** Discounted counts, interpolated from the shortest n-grams to the longest. */
import { BackoffModel } from "./backoff-model.ts";
import { type Discounts, discountOf } from "./discounts.ts";
import type { NgramCounts } from "./ngram-counts.ts";
import { sumByParent } from "./sum-by-parent.ts";

export interface DiscountedParts {
  /** By level: the counts a that are discounted. */
  adjusted: readonly Float64Array[];
  /** The discounts of a level, estimated from its counts. */
  discountsOf(counts: Float64Array): Discounts;
  /** See {@link LowestOrder}. */
  lowest: LowestOrder;
}

/**
 * What single words are interpolated with: "uniform", 1/V each, so that a word that the text does not have
 * gets a probability; or nothing ("counts"): then p(w) is its share of the counts.
 */
export type LowestOrder = "uniform" | "counts";

/**
 * p(w | c) = (a(c w) - D(a(c w))) / S(c) + γ(c) · p(w | c'), with S(c) = Σ_v a(c v), γ(c) = Σ_v D(a(c v)) /
 * S(c), and c' the context without its first word. Chen and Goodman 1998, equations 17 to 24.
 */
export function discounted(counts: NgramCounts, parts: DiscountedParts): BackoffModel {
  counts.requireOrder();
  const { vocabulary, marks, levels } = counts;
  const probabilities: Float64Array[] = [];
  const weights: Float64Array[] = [];
  for (const [k, level] of levels.entries()) {
    const contexts = levels[k - 1]?.size ?? 1;
    const adjusted = parts.adjusted[k]!;
    const discounts = k === 0 && parts.lowest === "counts" ? NOTHING : parts.discountsOf(adjusted);
    const taken = adjusted.map((count) => discountOf(count, discounts));
    const sums = sumByParent(level, adjusted, contexts); // S(c)
    const freed = sumByParent(level, taken, contexts);
    // After what was never a context, nothing is known, and the shorter context says all.
    const gamma = freed.map((mass, c) => (sums[c]! > 0 ? mass / sums[c]! : 1)); // γ(c)
    const { parents, suffixes } = level;
    const lower = probabilities.at(-1);
    const p = taken.map((mass, id) => {
      const c = parents[id]!;
      const own = sums[c]! > 0 ? (adjusted[id]! - mass) / sums[c]! : 0;
      return own + gamma[c]! * (lower?.[suffixes[id]!] ?? 1 / vocabulary.size);
    });
    if (k === 0) p[vocabulary.start] = 0;
    else weights.push(gamma);
    probabilities.push(p);
  }
  return new BackoffModel({ vocabulary, marks, levels, probabilities, weights });
}

const NOTHING: Discounts = [0, 0, 0];
