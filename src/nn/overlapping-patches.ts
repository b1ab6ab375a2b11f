/** Pictures cut into a grid of patches that may overlap. */
import { constant, gather, reshape, shapeOf, type Tensor, transpose } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

export interface PatchGrid {
  /** Patches along each side, 1 or more. */
  grid: number;
  /** Side of a patch, in pixels. */
  patch: number;
}

/**
 * Pictures `[B, C, H, W]` to patches `[B·grid², C, patch, patch]`, row by row. The grid reaches from border
 * to border. Its patches overlap if the picture is smaller than all of them side by side, and are placed at
 * the nearest whole pixel.
 *
 * @throws AfterimageError `tensor/shape` when a patch does not fit into the pictures.
 */
export function overlappingPatches(pictures: Tensor, { grid, patch }: PatchGrid): Tensor {
  const [b, c, height, width] = shapeOf(pictures, 4, "overlappingPatches");
  if (pictures.rank !== 4 || height < patch || width < patch)
    throw shapeError("overlappingPatches", `pictures [B, C, H, W] of at least ${patch} pixels`, [pictures]);
  const rows = gather(pictures, pixelsOf(height, { grid, patch }), 2);
  const cells = gather(rows, pixelsOf(width, { grid, patch }), 3); // [B, C, grid·patch, grid·patch]
  const apart = transpose(reshape(cells, [b, c, grid, patch, grid, patch]), [0, 2, 4, 1, 3, 5]);
  return reshape(apart, [b * grid * grid, c, patch, patch]);
}

/** The pixels of one patch after another along a side, int64 `[grid·patch]`. */
function pixelsOf(size: number, { grid, patch }: PatchGrid): Tensor {
  const startOf = (index: number) => Math.round((index * (size - patch)) / Math.max(1, grid - 1));
  const pixels = Array.from({ length: grid * patch }, (_, i) => startOf(Math.floor(i / patch)) + (i % patch));
  return constant(pixels, [pixels.length], "int64");
}
