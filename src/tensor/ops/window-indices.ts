/**
 * Where the windows of a convolution lie, as row numbers of pictures whose channels lie in rows (`[B·H·W, C]`).
 * Gathering those rows is im2col; what lies outside of a picture has the number of the row after the last, which is
 * to hold zeros.
 */

import { heightAndWidth } from "./axes.ts";

type Pair = readonly [number, number];

export interface WindowGeometry {
  batch: number;
  /** Of the pictures that the windows look at. */
  size: Pair;
  /** How many windows there are in height and width. */
  outSize: Pair;
  kernel: Pair;
  stride: Pair;
  padding: Pair;
  dilation: Pair;
}

/** The row under each tap of each window: int32 `[B·OH·OW, KH·KW]`. */
export function windowIndices(geometry: WindowGeometry): Int32Array {
  const { batch, size, outSize, kernel, stride, padding, dilation } = geometry;
  const outside = batch * size[0] * size[1];
  const [rows, columns] = heightAndWidth((axis) =>
    taps(outSize[axis], kernel[axis], (window, tap) => {
      const at = window * stride[axis] - padding[axis] + tap * dilation[axis];
      return at >= 0 && at < size[axis] ? at : null;
    }),
  );
  return combine(batch, size, rows, columns, outside);
}

/**
 * The other way round, for the gradient at stride 1: for each place of the pictures and each tap, the window that has
 * it under that tap, as a row of `[B·OH·OW, C]`: int32 `[B·H·W, KH·KW]`.
 */
export function adjointIndices(geometry: WindowGeometry): Int32Array {
  const { batch, size, outSize, kernel } = geometry;
  const outside = batch * outSize[0] * outSize[1];
  const [rows, columns] = heightAndWidth((axis) =>
    taps(size[axis], kernel[axis], (place, tap) => windowOver(geometry, axis, place, tap)),
  );
  return combine(batch, outSize, rows, columns, outside);
}

/**
 * For each place of the pictures all pairs of a window and a tap that reach it, as rows of `[B·OH·OW·KH·KW, C]`:
 * int32 `[B·H·W, most]`, `most` the largest number of such pairs, and the rest outside.
 */
export function contributorIndices(geometry: WindowGeometry): { indices: Int32Array; most: number } {
  const { batch, size, outSize, kernel } = geometry;
  const [down, across]: [Contributors, Contributors] = heightAndWidth((axis) =>
    Array.from({ length: size[axis] }, (_, place) =>
      Array.from({ length: kernel[axis] }, (_, tap) => tap).flatMap((tap) => {
        const window = windowOver(geometry, axis, place, tap);
        return window === null ? [] : [{ tap, window }];
      }),
    ),
  );
  const count = (lists: Contributors) => Math.max(1, ...lists.map((list) => list.length));
  const most = count(down) * count(across);
  const outside = batch * outSize[0] * outSize[1] * kernel[0] * kernel[1];
  const indices = new Int32Array(batch * size[0] * size[1] * most).fill(outside);
  let start = 0;
  for (let image = 0; image < batch; image++) {
    for (const above of down) {
      for (const beside of across) {
        let at = start;
        for (const y of above)
          for (const x of beside) {
            const window = (image * outSize[0] + y.window) * outSize[1] + x.window;
            indices[at++] = (window * kernel[0] + y.tap) * kernel[1] + x.tap;
          }
        start += most;
      }
    }
  }
  return { indices, most };
}

type Contributors = { tap: number; window: number }[][];

/** Along one axis the window that has `place` under its tap `tap`, if there is one. */
function windowOver(
  { outSize, stride, padding, dilation }: WindowGeometry,
  axis: 0 | 1,
  place: number,
  tap: number,
): number | null {
  const start = place + padding[axis] - tap * dilation[axis];
  const window = start / stride[axis];
  return Number.isInteger(window) && window >= 0 && window < outSize[axis] ? window : null;
}

/** Along one axis: for each place and tap what lies there, `[places][taps]`. */
type Taps = (number | null)[][];

function taps(places: number, kernel: number, at: (place: number, tap: number) => number | null): Taps {
  return Array.from({ length: places }, (_, place) =>
    Array.from({ length: kernel }, (_, tap) => at(place, tap)),
  );
}

/** The numbers of two axes together, for every picture of a batch. */
function combine(batch: number, size: Pair, rows: Taps, columns: Taps, outside: number): Int32Array {
  const indices = new Int32Array(
    batch * rows.length * columns.length * (rows[0]?.length ?? 0) * (columns[0]?.length ?? 0),
  );
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (const down of rows)
      for (const across of columns)
        for (const y of down)
          for (const x of across)
            indices[at++] = y === null || x === null ? outside : (image * size[0] + y) * size[1] + x;
  }
  return indices;
}
