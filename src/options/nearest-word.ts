/** Finds the word that a mistyped one was meant to be. */

/** A word with more than this share of its letters wrong is a different word. */
const LARGEST_SHARE = 0.6;

/** The candidate that is the fewest edits away from `word`; null if all are too far away. */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits > LARGEST_SHARE * Math.max(word.length, candidate.length) || edits >= least) continue;
    [best, least] = [candidate, edits];
  }
  return best;
}

/** "Did you mean x?", or an empty text. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const nearest = nearestWord(word, candidates);
  return nearest === null ? "" : `Did you mean ${nearest}?`;
}

/**
 * The number of letters to insert, delete, replace or swap with their neighbour to make `b` of `a` (optimal
 * string alignment: Levenshtein's distance with transpositions, no place edited twice).
 */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => {
    const row = new Array<number>(b.length + 1).fill(0);
    row[0] = i;
    return row;
  });
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [here, above] = [rows[i]!, rows[i - 1]!];
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      here[j] = Math.min(above[j]! + 1, here[j - 1]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) here[j] = Math.min(here[j]!, rows[i - 2]![j - 2]! + 1);
    }
  }
  return rows[a.length]![b.length]!;
}
