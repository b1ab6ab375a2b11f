import { AfterimageError } from "../errors.ts";

/**
 * IDX, the format of the MNIST family: two zero bytes, the element type, the number of axes, each extent as a
 * 32-bit big-endian integer, then the elements, last axis fastest.
 *
 * Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", "The IDX file
 * format".
 */
const UNSIGNED_BYTE = 0x08;

/** Bytes [shape[0], shape[1], …], row-major. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/**
 * Reads an IDX array of unsigned bytes; `data` is a view into `bytes`.
 *
 * @throws AfterimageError `data/format` when the bytes are not exactly one such array.
 */
export function decodeIdx(bytes: Uint8Array): IdxArray {
  const axes = bytes[3] ?? 0;
  const start = 4 + 4 * axes;
  if (bytes.length < start || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || axes === 0) {
    throw notIdx("the start of an IDX file of unsigned bytes", `${bytes.length} bytes of something else`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length - start !== count) {
    throw notIdx(`${count} bytes for [${shape}]`, `${bytes.length - start}; is the file cut short?`);
  }
  return { shape, data: bytes.subarray(start) };
}

/**
 * Reads IDX pictures [N, H, W] of one channel.
 *
 * @throws AfterimageError `data/format` when the array is not one of pictures.
 */
export function decodeIdxPictures(bytes: Uint8Array): {
  count: number;
  height: number;
  width: number;
  pixels: Uint8Array;
} {
  const { shape, data } = decodeIdx(bytes);
  const [count, height, width] = shape;
  if (shape.length !== 3 || !count || !height || !width)
    throw notIdx("pictures [count, height, width]", `[${shape}]`);
  return { count, height, width, pixels: data };
}

/**
 * Reads IDX labels [N].
 *
 * @throws AfterimageError `data/format` when the array has more than one axis.
 */
export function decodeIdxLabels(bytes: Uint8Array): Uint8Array {
  const { shape, data } = decodeIdx(bytes);
  if (shape.length !== 1) throw notIdx("labels [count]", `[${shape}]`);
  return data;
}

function notIdx(expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", { what: "this is not a valid IDX file", expected, got });
}
