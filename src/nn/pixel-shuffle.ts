/** Channels to pixels and back, without weights. */
import { reshape, shapeOf, type Tensor, transpose } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/**
 * Groups of r² channels as squares of pixels: `[B, C·r², H, W]` to `[B, C, H·r, W·r]`, with
 * `y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w]`. As `torch.nn.PixelShuffle`.
 *
 * Source: the sub-pixel convolution of Shi et al. 2016, arXiv 1609.05158, section 2.2.
 *
 * @param factor r, a whole number, 1 or more.
 * @throws AfterimageError `tensor/shape` when r² does not divide the channels.
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [b, channels, h, w] = shapeOf(x, 4, "pixelShuffle");
  const c = channels / factor ** 2;
  if (!isWhole(factor) || !Number.isInteger(c))
    throw shapeError("pixelShuffle", `channels that ${factor}² divides`, [x]);
  const squares = reshape(x, [b, c, factor, factor, h, w]);
  return reshape(transpose(squares, [0, 1, 4, 2, 5, 3]), [b, c, h * factor, w * factor]);
}

/**
 * The inverse of {@link pixelShuffle}: `[B, C, H·r, W·r]` to `[B, C·r², H, W]`. As
 * `torch.nn.PixelUnshuffle`.
 *
 * @throws AfterimageError `tensor/shape` when r does not divide height and width.
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [b, c, height, width] = shapeOf(x, 4, "pixelUnshuffle");
  const [h, w] = [height / factor, width / factor];
  if (!isWhole(factor) || !Number.isInteger(h) || !Number.isInteger(w))
    throw shapeError("pixelUnshuffle", `height and width that ${factor} divides`, [x]);
  const squares = reshape(x, [b, c, h, factor, w, factor]);
  return reshape(transpose(squares, [0, 1, 3, 5, 2, 4]), [b, c * factor ** 2, h, w]);
}

function isWhole(factor: number): boolean {
  return Number.isInteger(factor) && factor >= 1;
}
