/** Position embeddings for pictures of another size, as DINO resamples them for its local crops. */
import { concat, constant, matmul, reshape, shapeOf, sliceAxis, type Tensor } from "../tensor/index.ts";

/**
 * Resamples the grid part of `[1, c + side², D]` to `[1, c + GH·GW, D]`, c = 1 with a class token, otherwise
 * 0: bicubic (A = -0.75), not antialiased, with the scale `(G + 0.1)/side` of `interpolate_pos_encoding` in
 * facebookresearch/dino `vision_transformer.py`. The class token's position is kept as it is. The same size
 * gives the same tensor.
 */
export function resamplePositions(
  positions: Tensor,
  side: number,
  [gh, gw]: readonly [number, number],
): Tensor {
  if (gh === side && gw === side) return positions;
  const [, count, width] = shapeOf(positions, 3, "resamplePositions");
  const before = count - side * side;
  const rows = bicubicMatrix(side, gh);
  const columns = bicubicMatrix(side, gw);
  const kernel = new Float32Array(gh * gw * side * side);
  for (let i = 0; i < gh * gw; i++) {
    for (let j = 0; j < side * side; j++) {
      const [y, x] = [Math.floor(i / gw), i % gw];
      const [v, u] = [Math.floor(j / side), j % side];
      kernel[i * side * side + j] = rows[y * side + v]! * columns[x * side + u]!;
    }
  }
  const grid = reshape(sliceAxis(positions, 1, before, count), [side * side, width]);
  const resampled = matmul(constant(kernel, [gh * gw, side * side]), grid); // [GH·GW, D]
  const placed = reshape(resampled, [1, gh * gw, width]);
  return before === 0 ? placed : concat([sliceAxis(positions, 1, 0, before), placed], 1);
}

/** `[to, from]` weights of one axis; samples beyond the edge repeat the edge. */
function bicubicMatrix(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from);
  const scale = from / (to + 0.1);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const base = Math.floor(centre);
    for (let tap = -1; tap <= 2; tap++) {
      const at = Math.min(from - 1, Math.max(0, base + tap));
      matrix[i * from + at]! += cubic(centre - base - tap);
    }
  }
  return matrix;
}

/** Keys' cubic convolution kernel with PyTorch's A. */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * (x ** 3 - 5 * x ** 2 + 8 * x - 4);
  return 0;
}
