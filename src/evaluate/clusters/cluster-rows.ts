import type { Matrix } from "../../formats/matrix.ts";
import { inRange } from "../in-range.ts";
import { pickRows } from "../pick-rows.ts";
import { columnMeans, type Metric } from "../score-graph.ts";

/** Rows as k-means compares them. */
export interface ClusterRows {
  /** `[N, D]` the rows between which distances are measured: the features, or these scaled to length 1. */
  rows: Matrix;
  /** `[N, D]` the same in a range that float32 can square, which keeps the order of distances. */
  points: Matrix;
  /** `[D]` the mean of the points. The graph subtracts it, which keeps float32's cancellation small. */
  mean: Float32Array;
  /** `[N]` |x - mean|² of each point, in double precision. */
  squares: Float64Array;
}

/** The rows of k-means. With cosine they are the features scaled to length 1; a row of zeros stays. */
export function clusterRows(features: Matrix, metric: Metric): ClusterRows {
  const { queries: scaled } = inRange(features, features, metric);
  const points = metric === "cosine" ? unitRows(scaled) : scaled;
  const { rows, cols, data } = points;
  const mean = columnMeans(points);
  const squares = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) squares[row]! += (data[row * cols + col]! - mean[col]!) ** 2;
  }
  return { rows: metric === "cosine" ? points : features, points, mean, squares };
}

/** Some points less the mean of all, `[picked, D]`, as the graph takes centres. */
export function centredPoints({ points, mean }: ClusterRows, picked: readonly number[]): Float32Array {
  const { data } = pickRows(points, picked);
  return data.map((value, at) => value - mean[at % points.cols]!);
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
