/**
 * The `k` best scores seen so far for each of a number of rows, best first, with the indices of their
 * candidates.
 */
export interface BestMatches {
  k: number;
  /** `[rows, k]`; -Infinity where nothing was seen yet. */
  scores: Float32Array;
  /** `[rows, k]`; -1 where nothing was seen yet. */
  indices: Int32Array;
}

/** Candidates for one row, best first; of equal ones the lower index first. */
export interface Candidates {
  scores: Float32Array;
  indices: Int32Array;
  /** Added to every index. */
  start: number;
}

export function noMatches(rows: number, k: number): BestMatches {
  return {
    k,
    scores: new Float32Array(rows * k).fill(-Infinity),
    indices: new Int32Array(rows * k).fill(-1),
  };
}

/**
 * Merges candidates into one row. Of equal scores, earlier ones stay first. Padding scores below every real
 * row, so it is replaced once k real rows have been seen.
 */
export function mergeMatches(best: BestMatches, row: number, candidates: Candidates): void {
  const { k } = best;
  const scores = best.scores.subarray(row * k, (row + 1) * k);
  if (!(candidates.scores[0]! > scores[k - 1]!)) return;
  const indices = best.indices.subarray(row * k, (row + 1) * k);
  const [oldScores, oldIndices] = [scores.slice(), indices.slice()];
  for (let to = 0, old = 0, fresh = 0; to < k; to++) {
    if (fresh < candidates.scores.length && candidates.scores[fresh]! > oldScores[old]!) {
      scores[to] = candidates.scores[fresh]!;
      indices[to] = candidates.indices[fresh++]! + candidates.start;
    } else {
      scores[to] = oldScores[old]!;
      indices[to] = oldIndices[old++]!;
    }
  }
}
