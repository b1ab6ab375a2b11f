/** The means that normalise mutual information, by scikit-learn's names (`average_method`). */
export const ENTROPY_AVERAGES = {
  arithmetic: (a: number, b: number) => (a + b) / 2,
  geometric: (a: number, b: number) => Math.sqrt(a * b),
  min: (a: number, b: number) => Math.min(a, b),
  max: (a: number, b: number) => Math.max(a, b),
} as const;

export type EntropyAverage = keyof typeof ENTROPY_AVERAGES;
