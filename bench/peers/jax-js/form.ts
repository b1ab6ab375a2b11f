import { lax, numpy as np } from "@jax-js/jax";

/** Two forms of a convolution in jax-js, each with the layout of pictures that suits it. */
export interface Form {
  /** The axis of the channels: 1 in `[B, C, H, W]`, 3 in `[B, H, W, C]`. */
  channelAxis: 1 | 3;
  /** Square filter `[out, in, size, size]`, with padding that keeps the size at stride 1. */
  convolve: (x: np.Array, filter: np.Array, stride: number) => np.Array;
}

/** The library's convolution. */
export const libraryForm: Form = {
  channelAxis: 1,
  convolve: (x, filter, stride) => {
    const pad = (filter.shape[2]! - 1) / 2;
    const sides: [number, number] = [pad, pad];
    return lax.convGeneralDilated(x, filter, [stride, stride], [sides, sides]);
  },
};

/**
 * One matrix product for each tap of the filter with the pixels it sees. Matrix products are fast in jax-js.
 */
export const tunedForm: Form = {
  channelAxis: 3,
  convolve: (x, filter, stride) => {
    const [outputs, inputs, size] = filter.shape as [number, number, number];
    const [batch, height, width] = x.shape as [number, number, number];
    const [rows, columns, pad] = [height / stride, width / stride, (size - 1) / 2];
    const sides: [number, number] = [pad, pad];
    const padded = np.pad(x, { 1: sides, 2: sides });
    const products = Array.from({ length: size * size }, (_, tap) => {
      const [top, left] = [Math.floor(tap / size), tap % size];
      const seen = everyNth(everyNth(padded.ref, 1, top, rows, stride), 2, left, columns, stride);
      const weight = np.transpose(filter.ref.slice([], [], top, left)); // [in, out]
      return np.matmul(seen.reshape([batch * rows * columns, inputs]), weight);
    });
    padded.dispose();
    filter.dispose();
    const sum = products.reduce((left, right) => left.add(right));
    return sum.reshape([batch, rows, columns, outputs]);
  },
};

/** `count` entries of an axis from `first` on, `stride` apart. Slices have no stride in jax-js. */
function everyNth(x: np.Array, axis: number, first: number, count: number, stride: number): np.Array {
  const before = Array.from({ length: axis }, (): [] => []);
  if (stride === 1) return x.slice(...before, [first, first + count]);
  const missing = Math.max(0, first + count * stride - x.shape[axis]!);
  const cut = np.pad(x, { [axis]: [0, missing] }).slice(...before, [first, first + count * stride]);
  const shape = cut.shape;
  const split = cut.reshape([...shape.slice(0, axis), count, stride, ...shape.slice(axis + 1)]);
  return split.slice(...before, [], 0);
}
