/** Matrices as arrays of rows, for plain formulas in tests. */

export type Matrix = number[][];

/** Row-major values as rows of `width`. */
export function rowsOf(values: ArrayLike<number>, width: number): Matrix {
  const all = Array.from(values);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

export const columnsOf = (rows: Matrix): Matrix => rows[0]!.map((_, k) => rows.map((row) => row[k]!));

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export const average = (values: readonly number[]): number => total(values) / values.length;

export const dot = (u: readonly number[], v: readonly number[]): number => total(u.map((x, i) => x * v[i]!));

export const unit = (u: readonly number[]): number[] => u.map((x) => x / Math.hypot(...u));

/** softmax(z / temperature) */
export function softmaxOf(z: readonly number[], temperature = 1): number[] {
  const peak = Math.max(...z);
  const weights = z.map((value) => Math.exp((value - peak) / temperature));
  return weights.map((weight) => weight / total(weights));
}

/** -Σ p·log softmax(z / temperature) */
export function crossEntropyOf(p: readonly number[], z: readonly number[], temperature: number): number {
  return -dot(p, softmaxOf(z, temperature).map(Math.log));
}

/** Each row divided by its length. */
export const unitRows = (rows: Matrix): Matrix => rows.map(unit);
