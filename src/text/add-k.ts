import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import type { LanguageModel } from "./language-model.ts";
import type { NgramCounts } from "./ngram-counts.ts";
import { NONE } from "./ngram-level.ts";
import { sumByParent } from "./sum-by-parent.ts";

/**
 * p(w | c) = (count(c w) + k) / (Σ_v count(c v) + k·V), c the n - 1 words before. Lidstone 1920; k = 1 is
 * Laplace's. A context that was never seen gives every word 1/V.
 *
 * @param k above 0.
 * @throws AfterimageError `usage/value` for another k; `data/empty`, `data/too-small` as
 * `NgramCounts.requireOrder`.
 */
export function addK(counts: NgramCounts, k: number): LanguageModel {
  requirePositive(k);
  counts.requireOrder();
  const { vocabulary, order, marks, levels } = counts;
  const last = levels[order - 1]!;
  const totals = sumByParent(last, last.counts, levels[order - 2]?.size ?? 1);
  const find = (context: ArrayLike<number>) =>
    context.length < order - 1 ? NONE : counts.find(Array.from(context).slice(context.length - order + 1));
  const share = (id: number, word: number) => {
    const child = id === NONE ? NONE : last.find(id, word);
    const seen = child === NONE ? 0 : last.counts[child]!;
    return (seen + k) / ((id === NONE ? 0 : totals[id]!) + k * vocabulary.size);
  };
  return {
    vocabulary,
    order,
    marks,
    probability: (context, word) => share(find(context), word),
    distribution(context) {
      const id = find(context);
      return Float64Array.from({ length: vocabulary.size }, (_, word) => share(id, word));
    },
  };
}

function requirePositive(k: number): void {
  if (k > 0 && Number.isFinite(k)) return;
  throw new AfterimageError("usage/value", {
    what: `${optionName("k")} of add-k smoothing is out of range`,
    expected: "a number above 0",
    got: `${k}`,
    todo: "Without anything added, the estimate is maximumLikelihood.",
  });
}
