/**
 * Filters in the orders that convolutions of pictures in blocks want. Each is made in two quick moves: ONNX Runtime turns
 * rows of one block's length (64 bytes and more) and its own layout of pictures at memory speed, single elements ten
 * times slower.
 */
import { gather } from "../ops/indexing.ts";
import { reshape, transpose } from "../ops/movement.ts";
import { constant } from "../ops/source.ts";
import { shapeOf, sizeOfAxis, type Tensor } from "../tensor.ts";
import type { BlockLayout } from "./layout.ts";

/** `[O, C, KH, KW]` to `[O/n, C/n, KH, KW, n of C, n of O]`. */
export function filterBlocks(layout: BlockLayout, w: Tensor): Tensor {
  const { n } = layout;
  const [o, c, kh, kw] = shapeOf(w, 4, "convolution");
  const rows = outputsLast(layout, w); // [O/n, C·KH·KW, n of O]
  const turned = transpose(reshape(rows, [o / n, c / n, n, kh * kw, n]), [0, 1, 3, 2, 4]);
  return reshape(turned, [o / n, c / n, kh, kw, n, n]);
}

/** `[O, C, KH, KW]` to `[O/n, C, KH, KW, n of O]`, for plain pictures of few channels. */
export function plainFilterBlocks(layout: BlockLayout, w: Tensor): Tensor {
  const [o, c, kh, kw] = shapeOf(w, 4, "convolution");
  return reshape(outputsLast(layout, w), [o / layout.n, c, kh, kw, layout.n]);
}

/** `[O, C, KH, KW]` as a picture of O channels: `[O/n, C·KH·KW, n of O]`. */
function outputsLast(layout: BlockLayout, w: Tensor): Tensor {
  const { n } = layout;
  const o = sizeOfAxis(w, 0, "convolution");
  const rest = w.size / o;
  return reshape(layout.toBlocks(reshape(w, [o / n, n, rest, 1])), [o / n, rest, n]);
}

/** The taps of a filter, in the order in which they are wanted: rows and columns of `[KH, KW]`. */
export interface Taps {
  rows: readonly number[];
  columns: readonly number[];
}

/** `[O, C, KH, KW]` to filters of the adjoint that have some of the taps: `[C/n, O/n, rows, columns, n of O, n of C]`. */
export function adjointFilterBlocks(layout: BlockLayout, w: Tensor, { rows, columns }: Taps): Tensor {
  const { n } = layout;
  const [o, c, , kw] = shapeOf(w, 4, "convolution");
  const chosen = Int32Array.from(rows.flatMap((row) => columns.map((column) => row * kw + column)));
  const picked = gather(adjointTaps(layout, w), constant(chosen, [chosen.length], "int32"), 2);
  return reshape(picked, [c / n, o / n, rows.length, columns.length, n, n]);
}

/** `[O, C, KH, KW]` to `[C/n, O/n, KH·KW, n of O, n of C]`. */
function adjointTaps(layout: BlockLayout, w: Tensor): Tensor {
  return layout.once(w, () => {
    const { n } = layout;
    const [o, c, kh, kw] = shapeOf(w, 4, "convolution");
    const blocks = layout.toBlocks(reshape(w, [o, c, kh * kw, 1])); // [O, C/n, K, 1, n of C]
    return transpose(reshape(blocks, [o / n, n, c / n, kh * kw, n]), [2, 0, 3, 1, 4]);
  });
}

/** Pictures in blocks `[B, O/n, H, W, n of O]` as filters over the batch: `[O/n, B/n, H, W, n of B, n of O]`. */
export function picturesAsFilters(layout: BlockLayout, g: Tensor): Tensor {
  const { n } = layout;
  const [b, blocks, h, w] = shapeOf(g, 5, "blocks");
  const rows = transpose(reshape(g, [b / n, n, blocks, h * w, n]), [2, 0, 3, 1, 4]);
  return reshape(rows, [blocks, b / n, h, w, n, n]);
}

/** Filters that came out as pictures, `[C, O/n, KH, KW, n of O]`, to `[O, C, KH, KW]`. */
export function filtersFromPictures(layout: BlockLayout, dw: Tensor): Tensor {
  const { n } = layout;
  const [c, blocks, kh, kw] = shapeOf(dw, 5, "blocks");
  const turned = transpose(reshape(dw, [c, blocks, kh * kw * n]), [1, 0, 2]); // [O/n, C, K·n]
  const plain = layout.fromBlocks(reshape(turned, [blocks, 1, c * kh * kw, 1, n])); // [O/n, n, C·K, 1]
  return reshape(plain, [blocks * n, c, kh, kw]);
}
