import type { Matrix } from "../data/matrix.ts";

/** The rows at `rows`, in that order, as a matrix of their own. */
export function pickRows({ cols, data }: Matrix, rows: Int32Array): Matrix {
  const picked = new Float32Array(rows.length * cols);
  for (const [to, from] of rows.entries())
    picked.set(data.subarray(from * cols, (from + 1) * cols), to * cols);
  return { rows: rows.length, cols, data: picked };
}
