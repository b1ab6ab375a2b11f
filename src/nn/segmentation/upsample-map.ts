/** Maps brought to the size of other maps or of the picture, in all the ways that heads can choose from. */
import { interpolate, shapeOf, sizeOfAxis, slice, type Tensor } from "../../tensor/index.ts";
import { shapeError } from "../../tensor/tensor.ts";
import type { Initializer } from "../initializers.ts";
import { conv } from "../layers.ts";
import { pixelShuffle } from "../pixel-shuffle.ts";
import type { Scope } from "../scope.ts";
import { transposedConv } from "../transposed-conv.ts";

export const UPSAMPLINGS = ["bilinear", "nearest", "bicubic", "transposed", "pixelshuffle"] as const;
export type Upsampling = (typeof UPSAMPLINGS)[number];

/**
 * A map `[B, C, h, w]` at `[B, C, H, W]`.
 *
 * - `bilinear`, `nearest`, `bicubic`: interpolation between the borders, without weights.
 * - `transposed`: a transposed convolution of each channel by itself, which starts as bilinear interpolation
 *   (Long, Shelhamer, Darrell 2015, arXiv 1411.4038, section 3.3). Its kernel is a multiple of its stride.
 * - `pixelshuffle`: a 1×1 convolution to the channels of a square of pixels (Shi et al. 2016, arXiv
 *   1609.05158), which starts as nearest neighbours, as in Aitken et al. 2017, arXiv 1707.02937.
 *
 * The learned ones grow by a whole factor, and what is over is cut off at the lower right.
 *
 * @param size H and W, at least h and w.
 * @throws AfterimageError `tensor/shape` for a smaller size.
 */
export function upsampleMap(
  scope: Scope,
  x: Tensor,
  size: readonly [number, number],
  kind: Upsampling = "bilinear",
): Tensor {
  const [b, c, h, w] = shapeOf(x, 4, "upsampleMap");
  if (size[0] < h || size[1] < w) throw shapeError("upsampleMap", `a map of at most ${size}`, [x]);
  if (size[0] === h && size[1] === w) return x;
  if (kind !== "transposed" && kind !== "pixelshuffle")
    return scope.labelled(() => interpolate(x, { size, mode: kind }));
  const factor = Math.max(Math.ceil(size[0] / h), Math.ceil(size[1] / w));
  const grown = (kind === "transposed" ? transposedBy : shuffledBy)(scope, x, factor);
  return scope.labelled(() => slice(grown, [0, 0, 0, 0], [b, c, ...size]));
}

function transposedBy(scope: Scope, x: Tensor, factor: number): Tensor {
  const channels = sizeOfAxis(x, 1, "upsampleMap");
  // A multiple of the factor, and as even or odd as it, so that the padding is whole.
  const kernel = factor % 2 === 0 ? 2 * factor : 3 * factor;
  return transposedConv(scope, x, {
    ...{ out: channels, kernel, stride: factor, padding: (kernel - factor) / 2, groups: channels },
    ...{ bias: false, weightInit: bilinearFilters(factor) },
  });
}

/** Filters `[C, 1, K, K]` with which a transposed convolution interpolates between neighbours. */
function bilinearFilters(factor: number): Initializer {
  return ([channels = 1, , kernel = 1]) => {
    const line = Array.from({ length: kernel }, (_, i) =>
      Math.max(0, 1 - Math.abs(i + 0.5 - kernel / 2) / factor),
    );
    const filter = line.flatMap((down) => line.map((across) => down * across));
    return Float32Array.from({ length: channels * filter.length }, (_, i) => filter[i % filter.length]!);
  };
}

function shuffledBy(scope: Scope, x: Tensor, factor: number): Tensor {
  const channels = sizeOfAxis(x, 1, "upsampleMap");
  const copies: Initializer = ([out = 1, inputs = 1]) =>
    Float32Array.from({ length: out * inputs }, (_, i) =>
      Math.floor(Math.floor(i / inputs) / factor ** 2) === i % inputs ? 1 : 0,
    );
  const wide = conv(scope, x, { out: channels * factor ** 2, kernel: 1, weightInit: copies });
  return scope.labelled(() => pixelShuffle(wide, factor));
}
