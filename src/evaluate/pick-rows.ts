import type { Matrix } from "../data/matrix.ts";

/** The rows at `rows`, in that order, as a matrix of their own. */
export function pickRows({ cols, data }: Matrix, rows: ArrayLike<number>): Matrix {
  const picked = new Float32Array(rows.length * cols);
  for (let to = 0; to < rows.length; to++)
    picked.set(data.subarray(rows[to]! * cols, (rows[to]! + 1) * cols), to * cols);
  return { rows: rows.length, cols, data: picked };
}
