import { AfterimageError } from "../../errors.ts";
import { requireLabels } from "../checks.ts";
import { nothingPredicted } from "../predictions/confusion-matrix.ts";

/**
 * The weight of each pair (x, y), `[rows, cols]` row-major: counts, or a joint distribution. Weights are 0 or
 * more and need not sum to 1; they count in proportion to their sum.
 */
export interface JointTable {
  rows: number;
  cols: number;
  data: ArrayLike<number>;
}

/**
 * How many pictures of each class are in each cluster, `[R, K]`. Rows are the classes that occur, columns the
 * clusters that occur, both in ascending order. As scikit-learn's `contingency_matrix`.
 *
 * @param labels N classes, integers from 0.
 * @param clusters as many, integers from 0.
 * @throws AfterimageError `evaluate/labels` when there are none, the two differ in number, or one is not an
 * integer, 0 or more.
 */
export function contingencyTable(labels: ArrayLike<number>, clusters: ArrayLike<number>): JointTable {
  if (labels.length === 0) throw nothingPredicted();
  requireLabels("the labels", labels, labels.length);
  requireLabels("the clusters", clusters, labels.length);
  const [rowOf, colOf] = [placesOf(labels), placesOf(clusters)];
  const [rows, cols] = [rowOf.size, colOf.size];
  const data = new Int32Array(rows * cols);
  for (let at = 0; at < labels.length; at++)
    data[rowOf.get(labels[at]!)! * cols + colOf.get(clusters[at]!)!]!++;
  return { rows, cols, data };
}

/** The values that occur, with their places in ascending order. */
function placesOf(values: ArrayLike<number>): Map<number, number> {
  const occurring = [...new Set(Array.from(values))].sort((a, b) => a - b);
  return new Map(occurring.map((value, place) => [value, place]));
}

export interface Sums {
  /** Σ of each row, `[rows]`. */
  rows: Float64Array;
  /** Σ of each column, `[cols]`. */
  cols: Float64Array;
  total: number;
}

/**
 * The sums of a table's rows and columns.
 *
 * @throws AfterimageError `evaluate/shape` when the weights do not fill the table, and what
 * {@link requireWeights} throws.
 */
export function sumsOf({ rows, cols, data }: JointTable): Sums {
  if (!(rows >= 1 && cols >= 1 && data.length === rows * cols)) {
    throw new AfterimageError("evaluate/shape", {
      what: "this is no table of pairs",
      expected: "at least one row and one column, and rows × columns weights",
      got: `[${rows}, ${cols}] with ${data.length} weights`,
    });
  }
  const total = requireWeights(data);
  const sums = { rows: new Float64Array(rows), cols: new Float64Array(cols), total };
  for (let at = 0; at < data.length; at++) {
    sums.rows[Math.floor(at / cols)]! += data[at]!;
    sums.cols[at % cols]! += data[at]!;
  }
  return sums;
}

/**
 * The sum of the weights.
 *
 * @throws AfterimageError `evaluate/not-finite` for NaN or infinity, `usage/value` for a weight below 0, or
 * if all weights are 0.
 */
export function requireWeights(weights: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    if (!(Number.isFinite(weight) && weight >= 0)) throw noWeight(weight, `place ${at}`);
    total += weight;
  }
  if (total > 0) return total;
  throw noWeight(total, "the sum of all");
}

function noWeight(weight: number, where: string): AfterimageError {
  return new AfterimageError(Number.isFinite(weight) ? "usage/value" : "evaluate/not-finite", {
    what: "weights are no distribution",
    where,
    expected: "counts or probabilities, 0 or more, and not all of them 0",
    got: String(weight),
  });
}

/**
 * @returns as {@link sumsOf}.
 * @throws AfterimageError `usage/value` when a weight is not a whole number, and what {@link sumsOf} throws.
 */
export function sumsOfCounts(table: JointTable): Sums {
  const sums = sumsOf(table);
  for (let at = 0; at < table.data.length; at++) {
    if (Number.isSafeInteger(table.data[at])) continue;
    throw new AfterimageError("usage/value", {
      what: "a score that is adjusted for chance needs counts",
      where: `place ${at}`,
      expected: "whole numbers",
      got: String(table.data[at]),
    });
  }
  return sums;
}

/** Whether both sides divide the pictures alike: each row and each column has one weight above 0, or none. */
export function isOneToOne({ rows, cols, data }: JointTable): boolean {
  const [inRow, inCol] = [new Uint8Array(rows), new Uint8Array(cols)];
  for (let at = 0; at < data.length; at++) {
    if (!(data[at]! > 0)) continue;
    const [row, col] = [Math.floor(at / cols), at % cols];
    if (inRow[row] === 1 || inCol[col] === 1) return false;
    inRow[row] = 1;
    inCol[col] = 1;
  }
  return true;
}
