import type { Matrix } from "../formats/matrix.ts";
import type { NumberScale } from "./label-task.ts";

/**
 * Mean and deviation (of the population) of each column over the pictures at `places`, in double precision.
 * Numbers are summed in ascending order, so the order of the pictures changes nothing. A column that does not
 * vary there has the deviation 1.
 */
export function numberScale({ cols, data }: Matrix, places: Int32Array): NumberScale {
  const columns = Array.from({ length: cols }, (_, col) =>
    Float64Array.from(places, (place) => data[place * cols + col]!).sort(),
  );
  const mean = columns.map(meanOf);
  const deviation = columns.map((values, col) => {
    const squares = values.map((value) => (value - mean[col]!) ** 2).sort();
    return Math.sqrt(meanOf(squares)) || 1;
  });
  return { mean, deviation };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
