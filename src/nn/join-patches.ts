import { reshape, shapeOf, type Tensor, transpose } from "../tensor/index.ts";

/**
 * Values of square patches, each channel by channel, to pictures: `[B, N, C·p·p]` to `[B, C, √N·p, √N·p]`. N
 * patches row by row.
 *
 * @param size p, in pixels.
 */
export function joinPatches(patches: Tensor, size: number): Tensor {
  const [b, count, width] = shapeOf(patches, 3, "joinPatches");
  const [side, channels] = [Math.sqrt(count), width / size ** 2];
  const cut = reshape(patches, [b, side, side, channels, size, size]);
  return reshape(transpose(cut, [0, 3, 1, 4, 2, 5]), [b, channels, side * size, side * size]);
}
