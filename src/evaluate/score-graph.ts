import type { Matrix } from "../formats/matrix.ts";
import type { Feeds } from "../runtime/session.ts";
import { affine, div, input, maximum, mul, sqrt, square, sub, sum, type Tensor } from "../tensor/index.ts";
import type { RowBlock } from "./row-blocks.ts";

/** Cosine similarity (larger is nearer) or Euclidean distance (smaller is nearer). */
export type Metric = "cosine" | "euclidean";

/** As PyTorch's `F.normalize`: the smallest norm a vector is divided by. */
const NORM_FLOOR = 1e-12;
/** The score of a padding row: below every real score, and finite, so that no product with it is NaN. */
const PADDING_SCORE = -1e38;

export interface ScoreSizes {
  metric: Metric;
  queries: number;
  gallery: number;
  cols: number;
}

/**
 * Scores `[Q, G]` of a block of queries against a block of the gallery; larger is nearer. One matrix product:
 *
 * - cosine: q·g of the normalised rows;
 * - Euclidean: q·g - |g|²/2 = (|q|² - |q - g|²)/2, the order of distances. The gallery's mean is subtracted
 *   from all rows, which keeps the terms and float32's cancellation small.
 *
 * Its inputs are made by {@link scoreFeeds}.
 */
export function scoreGraph({ metric, queries, gallery, cols }: ScoreSizes): Tensor {
  const q = input("queries", [queries, cols]);
  const g = input("gallery", [gallery, cols]);
  const offset = input("offset", [gallery]);
  if (metric === "cosine") return affine(unit(q), unit(g), offset);
  const centre = input("centre", [1, cols]);
  const [qc, gc] = [sub(q, centre), sub(g, centre)];
  return affine(qc, gc, sub(offset, mul(sum(square(gc), [1]), 0.5)));
}

function unit(x: Tensor): Tensor {
  return div(x, maximum(sqrt(sum(square(x), [1], true)), NORM_FLOOR));
}

/**
 * The inputs of {@link scoreGraph}. `centre` is {@link columnMeans} of the gallery (cosine does not use it).
 */
export function scoreFeeds(queries: RowBlock, gallery: RowBlock, centre: Float32Array): Feeds {
  const offset = new Float32Array(gallery.data.length / centre.length);
  offset.fill(PADDING_SCORE, gallery.count);
  return { queries: queries.data, gallery: gallery.data, offset, centre };
}

/** The mean of each column, summed in double precision. */
export function columnMeans({ rows, cols, data }: Matrix): Float32Array {
  const sums = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) sums[col]! += data[row * cols + col]!;
  }
  return Float32Array.from(sums, (total) => total / rows);
}
