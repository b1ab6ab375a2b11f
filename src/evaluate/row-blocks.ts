import type { Matrix } from "../formats/matrix.ts";

/** Rows `start … start + count - 1` of a matrix, as the input of a graph of a fixed number of rows. */
export interface RowBlock {
  start: number;
  count: number;
  /** `[size, cols]`; rows from `count` on are zeros. */
  data: Float32Array;
}

/** The size of equal blocks of at most `most` rows, so that the last one needs almost no padding. */
export function blockSize(rows: number, most: number): number {
  return Math.ceil(rows / Math.ceil(rows / Math.max(1, Math.floor(most))));
}

/** The rows in blocks of `size`. Whole blocks are views of the matrix; only the last may be a padded copy. */
export function* rowBlocks({ rows, cols, data }: Matrix, size: number): Generator<RowBlock> {
  for (let start = 0; start < rows; start += size) {
    const count = Math.min(size, rows - start);
    const view = data.subarray(start * cols, (start + count) * cols);
    yield { start, count, data: count === size ? view : padded(view, size * cols) };
  }
}

function padded(view: Float32Array, length: number): Float32Array {
  const copy = new Float32Array(length);
  copy.set(view);
  return copy;
}
