import type { Matrix } from "../../formats/matrix.ts";
import { inRange } from "../in-range.ts";
import { columnMeans, type Metric } from "../score-graph.ts";

/** Rows as k-means compares them. */
export interface ClusterRows {
  /** `[N, D]` the rows between which distances are measured: the features, or these scaled to length 1. */
  rows: Matrix;
  /** `[N, D]` the same less their mean, in a range that float32 can square. The order of distances is kept. */
  points: Matrix;
  /** `[N]` |x|² of each point, in double precision. */
  squares: Float64Array;
}

/**
 * The rows of k-means. With cosine they are the features scaled to length 1 (a row of zeros stays). The mean
 * is subtracted because it keeps float32's cancellation small.
 */
export function clusterRows(features: Matrix, metric: Metric): ClusterRows {
  const { queries: scaled } = inRange(features, features, metric);
  const rows = metric === "cosine" ? unitRows(scaled) : features;
  const source = metric === "cosine" ? rows : scaled;
  return { rows, ...centred(source) };
}

/** The rows less their mean, and the squares of their lengths. */
function centred(source: Matrix): Pick<ClusterRows, "points" | "squares"> {
  const { rows, cols } = source;
  const mean = columnMeans(source);
  const data = new Float32Array(source.data.length);
  const squares = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const at = row * cols + col;
      data[at] = source.data[at]! - mean[col]!;
      squares[row]! += data[at]! ** 2;
    }
  }
  return { points: { rows, cols, data }, squares };
}

/** Each row divided by its length; a row of zeros stays. */
function unitRows({ rows, cols, data }: Matrix): Matrix {
  const unit = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * cols, (row + 1) * cols];
    let square = 0;
    for (let at = start; at < end; at++) square += data[at]! ** 2;
    const length = Math.sqrt(square) || 1;
    for (let at = start; at < end; at++) unit[at] = data[at]! / length;
  }
  return { rows, cols, data: unit };
}
