import { type JointTable, sumsOfCounts } from "./contingency-table.ts";

/**
 * The Rand index adjusted for chance. A pair of pictures is together or apart on each side:
 *
 *   2·(t·a - f·s) / ((t + f)·(f + a) + (t + s)·(s + a))
 *
 * t and a count the pairs that both sides have together or apart, f those that only the first side has
 * together, and s those that only the second has. It is 1 for equal clusterings, about 0 for independent
 * ones, and at least -0.5. As scikit-learn's `adjusted_rand_score`.
 *
 * Source: Hubert and Arabie 1985, "Comparing partitions"; in this form Steinley 2004, "Properties of the
 * Hubert-Arabie adjusted Rand index".
 *
 * @param table counts.
 * @throws AfterimageError `usage/value` for weights that are no counts, `evaluate/shape` when they do not
 * fill the table, `evaluate/not-finite` for NaN or infinity.
 */
export function adjustedRandIndex(table: JointTable): number {
  const { rows, cols, total } = sumsOfCounts(table);
  // Ordered pairs, and each picture with itself: whole numbers, exact up to 90 million pictures.
  const squares = sumOfSquares(table.data);
  const first = sumOfSquares(rows) - squares;
  const second = sumOfSquares(cols) - squares;
  if (first === 0 && second === 0) return 1;
  const together = squares - total;
  const apart = total ** 2 - squares - first - second;
  const chance = (together + first) * (first + apart) + (together + second) * (second + apart);
  return (2 * (together * apart - first * second)) / chance;
}

function sumOfSquares(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) sum += counts[at]! ** 2;
  return sum;
}
