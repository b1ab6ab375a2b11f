/** Position embeddings for pictures of another size. */
import { concat, constant, matmul, reshape, shapeOf, sliceAxis, type Tensor } from "../tensor/index.ts";

/**
 * How the positions of a grid are found for another one, with G of the new and `side` of the known places on
 * an axis. All are bicubic.
 *
 * - `offset`: A = -0.75 and the scale (G + 0.1)/side, without antialiasing: `interpolate_pos_encoding` in
 *   facebookresearch/dino `vision_transformer.py`; also that of facebookresearch/dinov2 without registers.
 * - `plain`: A = -0.75 and the scale G/side, without antialiasing: facebookresearch/mae `util/pos_embed.py`,
 *   and Hugging Face's `vit`, `ijepa` and `dinov2`.
 * - `antialiased`: A = -0.5 and the scale G/side; the kernel is wider by side/G if the grid becomes smaller:
 *   facebookresearch/dinov2 with registers, Hugging Face's `dinov2_with_registers`, and timm's
 *   `resample_abs_pos_embed`.
 */
export type Resampling = "offset" | "plain" | "antialiased";

/**
 * Resamples the grid part of `[1, c + side², D]` to `[1, c + GH·GW, D]`, c = 1 with a class token, otherwise
 * 0. The class token's position is kept as it is. The same size gives the same tensor.
 */
export function resamplePositions(
  positions: Tensor,
  side: number,
  [gh, gw]: readonly [number, number],
  how: Resampling = "offset",
): Tensor {
  if (gh === side && gw === side) return positions;
  const [, count, width] = shapeOf(positions, 3, "resamplePositions");
  const before = count - side * side;
  const matrix = how === "antialiased" ? antialiasedMatrix : bicubicMatrix;
  const rows = matrix(side, gh, how);
  const columns = matrix(side, gw, how);
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
function bicubicMatrix(from: number, to: number, how: Resampling): Float64Array {
  const matrix = new Float64Array(to * from);
  const scale = from / (how === "offset" ? to + 0.1 : to);
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

/**
 * `[to, from]` weights of one axis; places beyond the edge do not count, and the weights of the others add up
 * to 1.
 */
function antialiasedMatrix(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from);
  const stretch = Math.max(1, from / to);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * (from / to);
    const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
    const last = Math.min(from, Math.floor(centre + 2 * stretch + 0.5));
    const weights = Array.from({ length: last - first }, (_, k) =>
      cubic((first + k + 0.5 - centre) / stretch, -0.5),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [k, weight] of weights.entries()) matrix[i * from + first + k] = weight / total;
  }
  return matrix;
}

/** Keys' cubic convolution kernel; A is PyTorch's for resizing without antialiasing. */
function cubic(distance: number, a = -0.75): number {
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * (x ** 3 - 5 * x ** 2 + 8 * x - 4);
  return 0;
}
