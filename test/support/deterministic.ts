/**
 * Weights and inputs that need no storing: functions of a tensor's name and an element's index, equal bit for
 * bit here and in scripts/afterimage_fixtures.py. They need neither Node nor the DOM.
 */

const WORD = 2 ** 32;

/** FNV-1a, 32 bits, of the UTF-8 bytes of a tensor's name. */
export function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Multiplicative spread of the index, then the 32-bit finaliser of MurmurHash3 (Appleby); 0 to 2^32 - 1. */
function hashAt(index: number, salt: number): number {
  let h = (Math.imul(index, 2654435761) + salt) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function uniform(name: string, length: number, scale: number, centre: number): Float32Array {
  const salt = fnv1a(name);
  return Float32Array.from({ length }, (_, i) => centre + ((hashAt(i, salt) / WORD) * 2 - 1) * scale);
}

/** `length` values in [-scale, scale), computed in double precision and rounded to float32. */
export function deterministic(name: string, length: number, scale = 1): Float32Array {
  return uniform(name, length, scale, 0);
}

/**
 * Weights that keep activations in a normal range. The last part of the name and the rank determine the kind,
 * in this order: running_mean ±0.1; running_var 1 ± 0.2; bias ±0.05; any other tensor of rank 0 or 1 (a
 * norm's weight) 1 ± 0.1; cls_token and pos_embed ±0.2; every other weight ±sqrt(3 / fanIn) with fanIn =
 * product of shape[1:], which makes its variance 1 / fanIn.
 */
export function deterministicWeight(name: string, shape: readonly number[]): Float32Array {
  const length = product(shape);
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  if (leaf === "running_mean") return uniform(name, length, 0.1, 0);
  if (leaf === "running_var") return uniform(name, length, 0.2, 1);
  if (leaf === "bias") return uniform(name, length, 0.05, 0);
  if (shape.length <= 1) return uniform(name, length, 0.1, 1);
  if (leaf === "cls_token" || leaf === "pos_embed") return uniform(name, length, 0.2, 0);
  return uniform(name, length, Math.sqrt(3 / product(shape.slice(1))), 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}
