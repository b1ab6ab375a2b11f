import { BackoffModel } from "./backoff-model.ts";
import type { NgramCounts } from "./ngram-counts.ts";
import { sumByParent } from "./sum-by-parent.ts";

/**
 * p(w | c) = count(c w) / Σ_v count(c v): the model that gives its own text the highest probability. A word
 * that never followed a context gets 0. For a context that was never seen the quotient is 0/0, and the next
 * shorter one is taken, so that the probabilities of every context add up to 1.
 *
 * @throws AfterimageError `data/empty`, `data/too-small` as `NgramCounts.requireOrder`.
 */
export function maximumLikelihood(counts: NgramCounts): BackoffModel {
  counts.requireOrder();
  const { vocabulary, marks, levels } = counts;
  const totals = levels.map((level, k) => sumByParent(level, level.counts, levels[k - 1]?.size ?? 1));
  const probabilities = levels.map(({ size, parents, counts: seen }, k) =>
    Float64Array.from({ length: size }, (_, id) => seen[id]! / totals[k]![parents[id]!]!),
  );
  // What no word follows was never seen as a context.
  const weights = totals.slice(1).map((after) => after.map((total) => (total > 0 ? 0 : 1)));
  return new BackoffModel({ vocabulary, marks, levels, probabilities, weights });
}
