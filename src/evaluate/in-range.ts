import type { Matrix } from "../formats/matrix.ts";
import type { Metric } from "./score-graph.ts";

/**
 * Powers of two between which squares, and sums of up to 2^60 of them, neither overflow nor underflow in
 * float32.
 */
const SMALLEST = 2 ** -30;
const LARGEST = 2 ** 30;

/**
 * The same comparison with numbers that float32 can square. Matrices that need no change are returned as they
 * are.
 *
 * - Cosine: a row whose largest magnitude is out of range is multiplied by a power of two, which changes no
 *   direction.
 * - Euclidean: if the largest magnitude of all is out of range, both matrices are multiplied by one power of
 *   two, which keeps the order of all distances.
 *
 * If the gallery and the queries are one matrix, they are one matrix in the result too.
 */
export function inRange(
  queries: Matrix,
  gallery: Matrix,
  metric: Metric,
): { queries: Matrix; gallery: Matrix } {
  const scaled = metric === "cosine" ? scaleRows : scaleBy(commonScale(queries, gallery));
  const own = scaled(queries);
  return { queries: own, gallery: gallery === queries ? own : scaled(gallery) };
}

function commonScale(a: Matrix, b: Matrix): number {
  return scaleFor(Math.max(largest(a.data), a === b ? 0 : largest(b.data)));
}

function scaleBy(scale: number): (matrix: Matrix) => Matrix {
  return (matrix) => (scale === 1 ? matrix : { ...matrix, data: matrix.data.map((value) => value * scale) });
}

function scaleRows(matrix: Matrix): Matrix {
  const { rows, cols, data } = matrix;
  const scales = Float64Array.from({ length: rows }, (_, row) =>
    scaleFor(largest(data.subarray(row * cols, (row + 1) * cols))),
  );
  if (scales.every((scale) => scale === 1)) return matrix;
  return { ...matrix, data: data.map((value, i) => value * scales[Math.floor(i / cols)]!) };
}

/** The power of two that brings a magnitude near 1; 1 where it is 0 or in range. */
function scaleFor(magnitude: number): number {
  if (magnitude === 0 || (magnitude >= SMALLEST && magnitude <= LARGEST)) return 1;
  return 2 ** -Math.floor(Math.log2(magnitude));
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
