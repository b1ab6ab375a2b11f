/** A dense matrix [rows, cols] in row-major order: `data[row * cols + col]`. Features are kept as [N, D]. */
export interface Matrix {
  rows: number;
  cols: number;
  data: Float32Array;
}
