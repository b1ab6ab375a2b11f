import type { Matrix } from "../formats/matrix.ts";
import { requireCount } from "./checks.ts";

/**
 * A new matrix of the rows with the indices `rows`, in that order.
 *
 * @throws AfterimageError `usage/value` for a row that does not exist.
 */
export function pickRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  const { cols, data } = matrix;
  const picked = new Float32Array(rows.length * cols);
  for (let to = 0; to < rows.length; to++) {
    const row = rows[to]!;
    requireCount("a row to pick", row, 0, matrix.rows - 1);
    picked.set(data.subarray(row * cols, (row + 1) * cols), to * cols);
  }
  return { rows: rows.length, cols, data: picked };
}
