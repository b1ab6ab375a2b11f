import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { BestMatches } from "./best-matches.ts";

/**
 * Replaces the scores of matches by their Euclidean distances, in double precision, and sorts each row by
 * them.
 *
 * @throws AfterimageError `evaluate/not-finite` for a distance beyond float32.
 */
export function measureDistances(best: BestMatches, queries: Matrix, gallery: Matrix): void {
  const { k } = best;
  for (let row = 0; row < queries.rows; row++) {
    const indices = best.indices.subarray(row * k, (row + 1) * k);
    const found = Array.from(indices, (index) => ({
      index,
      distance: distance(queries, row, gallery, index),
    }));
    found.sort((a, b) => a.distance - b.distance || a.index - b.index);
    for (const [place, match] of found.entries()) {
      indices[place] = match.index;
      best.scores[row * k + place] = match.distance;
      if (!Number.isFinite(best.scores[row * k + place])) throw tooFar(row, match);
    }
  }
}

function tooFar(row: number, { index, distance: length }: { index: number; distance: number }) {
  return new AfterimageError("evaluate/not-finite", {
    what: "a distance is larger than a float32 can hold",
    where: `query ${row} and gallery row ${index}`,
    expected: "at most 3.4e38",
    got: String(length),
    todo: "Divide all features by one number: this keeps the order of the distances.",
  });
}

/** The Euclidean distance of two rows, in double precision. */
export function distance(a: Matrix, rowA: number, b: Matrix, rowB: number): number {
  let total = 0;
  for (let col = 0; col < a.cols; col++) {
    total += (a.data[rowA * a.cols + col]! - b.data[rowB * b.cols + col]!) ** 2;
  }
  return Math.sqrt(total);
}
