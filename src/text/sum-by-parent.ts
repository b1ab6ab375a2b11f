import type { NgramLevel } from "./ngram-level.ts";

/** By context, one word shorter than the n-grams of the level: Σ_w of what each n-gram `context w` has. */
export function sumByParent(
  { parents }: Pick<NgramLevel, "parents">,
  values: ArrayLike<number>,
  contexts: number,
): Float64Array {
  const sums = new Float64Array(contexts);
  for (let id = 0; id < values.length; id++) sums[parents[id]!]! += values[id]!;
  return sums;
}
