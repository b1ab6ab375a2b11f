import { add, cast, concat, mul, reshape, sliceAxis, sum, type Tensor } from "../tensor/index.ts";

/** Rows `start` to `end` (excluded) of a matrix. */
export interface Stretch {
  start: number;
  end: number;
}

/** The number of similarities of a stretch, about: 8 MB. */
const SIMILARITIES = 2 ** 21;

/**
 * The number of rows compared with `candidates` at a time: as many as fit into a stretch, at least `least`.
 */
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

/**
 * `x`, computed only after all of the others, so that the tensors they were made from are freed by then. The
 * next stretch must wait for everything that is made from a stretch: otherwise the runtime leaves the rest
 * for the end, and keeps the stretch's similarities until then.
 */
export function after(x: Tensor, others: readonly Tensor[]): Tensor {
  if (others.length === 0) return x;
  const elements = others.map((other) => cast(sliceAxis(reshape(other, [-1]), 0, 0, 1), "float32"));
  return add(x, mul(sum(concat(elements)), 0));
}

/** The sum of the parts. */
export const added = (parts: readonly Tensor[]) => parts.reduce((whole, part) => add(whole, part));
