import type { Matrix } from "../formats/matrix.ts";

/** The number of rows that equal an earlier row in every number. */
export function countDuplicates({ rows, cols, data }: Matrix): number {
  const byHash = new Map<number, number[]>();
  let duplicates = 0;
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    const hash = hashOf(own);
    const seen = byHash.get(hash) ?? [];
    const isCopy = seen.some((other) => {
      const start = other * cols;
      return own.every((value, col) => value === data[start + col]);
    });
    if (isCopy) duplicates++;
    else byHash.set(hash, [...seen, row]);
  }
  return duplicates;
}

/**
 * FNV-1a over the bits of the numbers, word by word. Zeros of both signs have one hash, because they are
 * equal.
 */
function hashOf(values: Float32Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bits.length; i++) hash = Math.imul(hash ^ (values[i] === 0 ? 0 : bits[i]!), 0x01000193);
  return hash;
}
