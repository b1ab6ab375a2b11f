import { add, mul, sliceAxis, type Tensor } from "../tensor/index.ts";

/** Rows `start` to `end` (excluded) of a matrix. */
export interface Stretch {
  start: number;
  end: number;
}

/** About as many similarities as one stretch has: 16 MB. */
const SIMILARITIES = 2 ** 22;

/** How many rows are compared with `candidates` at a time: what fits into a stretch, and `least` or more. */
export function rowsOfStretch(candidates: number, least: number): number {
  return Math.max(least, Math.floor(SIMILARITIES / candidates));
}

/** `rows` rows in stretches of `rowsAtOnce`; the last one may be shorter. */
export function stretchesOf(rows: number, rowsAtOnce: number): Stretch[] {
  return Array.from({ length: Math.ceil(rows / rowsAtOnce) }, (_, i) => ({
    start: i * rowsAtOnce,
    end: Math.min((i + 1) * rowsAtOnce, rows),
  }));
}

/** `x`, which is made after the matrix `other`: so what `other` was made from is gone by then. */
export function after(x: Tensor, other: Tensor | null): Tensor {
  if (other === null) return x;
  const nothing = mul(sliceAxis(sliceAxis(other, 0, 0, 1), 1, 0, 1), 0); // [1, 1]
  return add(x, nothing);
}

/** The sum of the parts. */
export const added = (parts: readonly Tensor[]) => parts.reduce((whole, part) => add(whole, part));
