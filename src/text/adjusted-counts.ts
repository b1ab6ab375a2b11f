import type { NgramCounts } from "./ngram-counts.ts";

/**
 * By level: what Kneser and Ney count instead of occurrences. Of the longest n-grams their occurrences; of
 * shorter ones N₁₊(• w), the number of different words before them. Nothing stands before the start of a
 * sentence, so n-grams that begin with it keep their occurrences.
 *
 * Source: Kneser and Ney 1995; Chen and Goodman 1998, section 2.7; the case of sentence starts as in Heafield
 * et al. 2013 (KenLM), "adjusted counts".
 */
export function adjustedCounts({ levels, vocabulary, marks }: NgramCounts): Float64Array[] {
  let begins = Uint8Array.from(levels[0]!.words, (word) => (marks && word === vocabulary.start ? 1 : 0));
  return levels.map((level, k) => {
    if (k > 0) {
      const shorter = begins;
      begins = Uint8Array.from(level.parents, (parent) => shorter[parent]!);
    }
    const longer = levels[k + 1];
    if (longer === undefined) return Float64Array.from(level.counts);
    const { counts } = level;
    const adjusted = Float64Array.from(begins, (is, id) => (is === 1 ? counts[id]! : 0));
    const starts = begins;
    for (const suffix of longer.suffixes) if (starts[suffix] === 0) adjusted[suffix]! += 1;
    return adjusted;
  });
}
