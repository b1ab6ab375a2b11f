/** Pictures as rows of channels, in ONNX: what products over all windows of a batch are made of. */
import type { Emitter } from "../tensor.ts";

type PictureShape = readonly [number, number, number, number];

/** `[B, C, H, W]` to `[B·H·W, C]`. */
export function emitRows(e: Emitter, x: string, [b, c, h, w]: PictureShape): string {
  const turned = e.node("Transpose", [x], { perm: [0, 2, 3, 1] })[0];
  return emitReshape(e, turned, b * h * w, c);
}

/** `[B·H·W, C]` to `[B, C, H, W]`. */
export function emitPictures(e: Emitter, rows: string, [b, c, h, w]: PictureShape): string {
  const pictures = emitReshape(e, rows, b, h, w, c);
  return e.node("Transpose", [pictures], { perm: [0, 3, 1, 2] })[0];
}

/**
 * Rows `[N, C]` gathered by a table `[M, K]` to `[M, K·C]`, as many as `places` tells; the number N stands for a row of
 * zeros.
 */
export function emitGatheredRows(
  e: Emitter,
  rows: string,
  channels: number,
  indices: Int32Array,
  perRow: number,
): string {
  const zeros = e.constant(new Float32Array(channels), [1, channels], "float32");
  const extended = e.node("Concat", [rows, zeros], { axis: 0 })[0];
  const count = indices.length / perRow;
  const table = e.constant(indices, [count, perRow], "int32");
  const gathered = e.node("Gather", [extended, table], { axis: 0 })[0];
  return emitReshape(e, gathered, count, perRow * channels);
}

export function emitReshape(e: Emitter, x: string, ...shape: number[]): string {
  return e.node("Reshape", [x, e.int64(shape)])[0];
}
