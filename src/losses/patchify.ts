import { reshape, shapeOf, type Tensor, transpose } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/**
 * Pictures cut into square patches, `[B, C, H, W]` to `[B, N, p·p·C]`: patches row by row, N = (H/p)·(W/p),
 * and within a patch pixels row by row, the channels of a pixel together.
 *
 * Source: MAE, `patchify` in the authors' `models_mae.py`, here for pictures that need not be square.
 *
 * @param size p, the side of a patch in pixels.
 * @throws AfterimageError `tensor/shape` when the picture does not divide into patches.
 */
export function patchify(pictures: Tensor, size: number): Tensor {
  const [B, C, H, W] = shapeOf(pictures, 4, "patchify", "pictures [B, C, H, W]");
  if (H % size !== 0 || W % size !== 0)
    throw shapeError("patchify", `pictures [B, C, H, W] that divide into patches of ${size}`, [pictures]);
  const [rows, columns] = [H / size, W / size];
  const cut = reshape(pictures, [B, C, rows, size, columns, size]);
  return reshape(transpose(cut, [0, 2, 4, 3, 5, 1]), [B, rows * columns, size * size * C]);
}

/** The sizes of the picture that a sequence of patches is assembled to. */
export interface UnpatchifyOptions {
  /** The side of a patch in pixels. */
  size: number;
  /** Patches in a row of patches; √N by default, for a square picture. */
  columns?: number;
}

/**
 * The inverse of {@link patchify}, `[B, N, p·p·C]` to `[B, C, H, W]`.
 *
 * @throws AfterimageError `tensor/shape` when the sizes do not fit a picture.
 */
export function unpatchify(patches: Tensor, { size, columns }: UnpatchifyOptions): Tensor {
  const [B, N, D] = shapeOf(patches, 3, "unpatchify", "patches [B, N, D]");
  const across = columns ?? Math.sqrt(N);
  const [down, C] = [N / across, D / size ** 2];
  if (![across, down, C].every(Number.isInteger))
    throw shapeError("unpatchify", `patches [B, N, ${size}·${size}·C] that fill a picture`, [patches]);
  const cut = reshape(patches, [B, down, across, size, size, C]);
  return reshape(transpose(cut, [0, 5, 1, 3, 2, 4]), [B, C, down * size, across * size]);
}
