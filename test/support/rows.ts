/** Matrices as lists of rows, for formulas written in plain loops. */

/** Row-major values as rows of `width`. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

export const dot = (u: readonly number[], v: readonly number[]) =>
  u.reduce((total, x, i) => total + x * v[i]!, 0);

/** Each row divided by its length. */
export const unitRows = (rows: readonly number[][]) =>
  rows.map((row) => row.map((value) => value / Math.hypot(...row)));

export const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
