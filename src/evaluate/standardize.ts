import type { Matrix } from "../formats/matrix.ts";

/** The mean and scale that bring each column to mean 0 and deviation 1. */
export interface Standardization {
  mean: Float64Array;
  /** 1 / deviation (the population's); 0 for a column that does not vary. */
  scale: Float64Array;
}

/** A deviation below this share of the mean counts as the rounding of a constant. */
const CONSTANT = 1e-6;

/** Computes them in two passes and double precision. */
export function measureColumns({ rows, cols, data }: Matrix): Standardization {
  const mean = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) mean[i % cols]! += data[i]! / rows;
  const variance = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) variance[i % cols]! += (data[i]! - mean[i % cols]!) ** 2 / rows;
  const scale = variance.map((value, col) => {
    const deviation = Math.sqrt(value);
    return deviation > CONSTANT * Math.abs(mean[col]!) ? 1 / deviation : 0;
  });
  return { mean, scale };
}

/** (x - mean) · scale, column by column. */
export function standardize({ rows, cols, data }: Matrix, { mean, scale }: Standardization): Matrix {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = (data[i]! - mean[i % cols]!) * scale[i % cols]!;
  return { rows, cols, data: out };
}
