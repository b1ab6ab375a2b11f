/**
 * Numbers that a peer in any language can compute: weights, pictures and labels are hashes of a name and an
 * index. So all peers train the same network on the same batch and must have the same losses. The tables mark
 * peers with other losses.
 */

/** A 32-bit mixing function (Chris Wellons, "Prospecting for hash functions", lowbias32). */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** FNV-1a of an ASCII name: the seed of this name's numbers. */
function nameSeed(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/**
 * `count` numbers with mean 0 and the given standard deviation, uniformly distributed:
 * `(u − ½)·√12·deviation`.
 */
export function uniformValues(name: string, count: number, deviation: number): Float32Array<ArrayBuffer> {
  const seed = nameSeed(name);
  const scale = Math.sqrt(12) * deviation;
  return Float32Array.from({ length: count }, (_, i) => (mix(seed + i) / 2 ** 32 - 0.5) * scale);
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * The initial value of a parameter, by its name in PyTorch's state dict and its shape there. One-dimensional
 * weights (norm scales) are 1 and biases are 0. Tokens and the position embedding have deviation .02,
 * matrices and filters `[out, in, …]` have 1/√fan-in.
 */
export function initialValue(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  if (shape.length === 1) return new Float32Array(shape[0]!).fill(name.endsWith("bias") ? 0 : 1);
  if (name === "cls_token" || name === "pos_embed") return uniformValues(name, sizeOf(shape), 0.02);
  return uniformValues(name, sizeOf(shape), 1 / Math.sqrt(sizeOf(shape.slice(1))));
}

/** The batch of pictures, `[B, 3, S, S]` in row-major order, mean 0 and deviation 1. */
export function pictures(batch: number, imageSize: number): Float32Array<ArrayBuffer> {
  return uniformValues("pictures", batch * 3 * imageSize * imageSize, 1);
}

/** The labels of the batch, `[B]`, each below `classes`. */
export function labels(batch: number, classes: number): Int32Array<ArrayBuffer> {
  const seed = nameSeed("labels");
  return Int32Array.from({ length: batch }, (_, i) => Math.floor((mix(seed + i) / 2 ** 32) * classes));
}
