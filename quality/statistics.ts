/** Means and spreads of a few seeds. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample's standard deviation (N - 1); null for a single value. */
export function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * The spread of accuracies: over seeds if there are several, otherwise that of the random choice of test
 * pictures, √(p(1 - p)/n).
 */
export function spread(accuracies: readonly number[], tests: number): number {
  const p = mean(accuracies);
  return deviation(accuracies) ?? Math.sqrt((p * (1 - p)) / tests);
}
