import type { Matrix } from "../formats/matrix.ts";
import { columnMeans, type Metric } from "./score-graph.ts";

/**
 * Two cosine similarities at most this far apart count as equal. Cosines of rows with the same direction,
 * computed in float32 at different places of a matrix, differ by up to 4.8e-7 (3 to 3,072 columns). This is
 * twice as much.
 */
export const TIE = 2 ** -20;
/** Euclidean scores of equal rows were equal at all places tried; this allows for four roundings. */
const EUCLIDEAN_TIE = 2 ** -22;
/** Euclidean distances measured in double precision and kept in float32. */
const DISTANCE_TIE = 2 ** -21;

/** The difference below a score at which another one still counts as equal to it. */
export type TieWidth = (score: number) => number;

/**
 * The rule for equal scores, one function for each query. Scores are those of {@link scoreGraph}.
 *
 * - Cosine: {@link TIE}.
 * - Euclidean: a score q·g - |g|²/2, both taken from the gallery's mean, is rounded in proportion to its
 *   terms. The width is 2⁻²² · (|q|² + |score|).
 */
export function tieWidths(queries: Matrix, gallery: Matrix, metric: Metric): (query: number) => TieWidth {
  if (metric === "cosine") return () => () => TIE;
  const squares = centredSquares(queries, gallery);
  return (query) => {
    const square = squares(query);
    return (score) => EUCLIDEAN_TIE * (square + Math.abs(score));
  };
}

/**
 * The rule for neighbours found by `nearest`. Its Euclidean scores are distances, and the rule expects them
 * negated.
 */
export function neighbourWidth(metric: Metric): TieWidth {
  return metric === "cosine" ? () => TIE : (negative) => DISTANCE_TIE * Math.abs(negative);
}

/** |q - mean of the gallery|² of each query, in double precision. */
export function centredSquares(queries: Matrix, gallery: Matrix): (query: number) => number {
  const centre = columnMeans(gallery);
  const { cols, data } = queries;
  return (query) => {
    let square = 0;
    for (let col = 0; col < cols; col++) square += (data[query * cols + col]! - centre[col]!) ** 2;
    return square;
  };
}
