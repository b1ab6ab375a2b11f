/** Convolution, its adjoint and the gradient of its filters on pictures in blocks; null where another form is better. */
import { heightAndWidth } from "../ops/axes.ts";
import type { ConvolutionAttrs, ConvolutionInputs } from "../ops/emit-convolution.ts";
import type { TransposedAttrs } from "../ops/emit-transposed-convolution.ts";
import { concat } from "../ops/join.ts";
import { pad, reshape, slice, transpose } from "../ops/movement.ts";
import { full } from "../ops/source.ts";
import { type Shape, shapeOf, sizeOfAxis, type Tensor, type Two } from "../tensor.ts";
import { type BlockConvolutionAttrs, blockConvolution, NO_ENDING } from "./block-operators.ts";
import {
  adjointFilterBlocks,
  filterBlocks,
  filtersFromPictures,
  picturesAsFilters,
  plainFilterBlocks,
  type Taps,
} from "./filter-blocks.ts";
import type { BlockLayout } from "./layout.ts";

type Pair = readonly [number, number];

/** `convolution(x, w, bias)` in blocks. */
export function convolutionInBlocks(
  layout: BlockLayout,
  [x, w, bias]: ConvolutionInputs,
  { stride, padding, dilation, groups }: ConvolutionAttrs,
): Tensor | null {
  const [o, c, ...kernel] = shapeOf(w, 4, "convolution");
  const isPlain = c < layout.n;
  if (groups !== 1 || !layout.fits(o) || !(isPlain || layout.fits(c))) return null;
  return blockConvolution(
    [
      isPlain ? x : layout.toBlocks(x),
      isPlain ? plainFilterBlocks(layout, w) : filterBlocks(layout, w),
      ...(bias === undefined ? [] : [bias]),
    ],
    {
      ...NO_ENDING,
      ...{ stride, dilation, kernel, biased: bias !== undefined, pads: [...padding, ...padding] },
    },
  );
}

/**
 * `transposedConvolution(x, w)` in blocks. With a stride the result is put together from as many convolutions as there
 * are places in a stride, each with the taps that reach its places.
 */
export function transposedInBlocks(
  layout: BlockLayout,
  [x, w]: Two,
  attrs: TransposedAttrs,
  shape: Shape,
): Tensor | null {
  const [o, c] = shapeOf(w, 4, "transposedConvolution");
  const [, , ...size] = shapeOf(shape, 4, "transposedConvolution");
  if (attrs.groups !== 1 || !layout.fits(o) || !layout.fits(c)) return null;
  if (attrs.stride.every((s) => s === 1)) {
    const phase = phaseOf(x, w, attrs, [0, 0], size);
    return phase === null ? null : convolvePhase(layout, x, w, phase, attrs.dilation);
  }
  const isEven =
    attrs.dilation.every((d) => d === 1) &&
    heightAndWidth((i) => size[i] % attrs.stride[i]).every((rest) => rest === 0);
  return isEven ? transposedByPhases(layout, x, w, attrs, size) : null;
}

/** The places `stride·q + place` of a transposed convolution: a convolution with every stride-th tap, turned round. */
interface Phase {
  /** Last taps first. */
  taps: Taps;
  pads: readonly [number, number, number, number];
}

/** Null where the taps begin or end inside of x, so that no padding but cutting off would be needed. */
function phaseOf(x: Tensor, w: Tensor, attrs: TransposedAttrs, place: Pair, size: Pair): Phase | null {
  const { stride, padding, dilation } = attrs;
  const [, , ...kernel] = shapeOf(w, 4, "transposedConvolution");
  const [, , ...places] = shapeOf(x, 4, "transposedConvolution");
  const taps = heightAndWidth((i) => tapsFrom((place[i] + padding[i]) % stride[i], stride[i], kernel[i]));
  const [rows, columns] = taps;
  const reach = heightAndWidth((i) => dilation[i] * (taps[i].length - 1));
  const before = heightAndWidth((i) => reach[i] - Math.floor((place[i] + padding[i]) / stride[i]));
  const after = heightAndWidth((i) => size[i] / stride[i] - places[i] - before[i] + reach[i]);
  if (rows.length * columns.length > 0 && [...before, ...after].some((n) => n < 0)) return null;
  return { taps: { rows, columns }, pads: [...before, ...after] };
}

/** Every `stride`-th of `count` taps from `first` on, last to first. */
function tapsFrom(first: number, stride: number, count: number): number[] {
  const taps: number[] = [];
  for (let tap = first; tap < count; tap += stride) taps.unshift(tap);
  return taps;
}

function convolvePhase(
  layout: BlockLayout,
  x: Tensor,
  w: Tensor,
  { taps, pads }: Phase,
  dilation: Pair,
): Tensor {
  const kernel: Pair = [taps.rows.length, taps.columns.length];
  return blockConvolution([layout.toBlocks(x), adjointFilterBlocks(layout, w, taps)], {
    ...NO_ENDING,
    ...{ stride: [1, 1], dilation, kernel, pads, biased: false },
  });
}

function transposedByPhases(
  layout: BlockLayout,
  x: Tensor,
  w: Tensor,
  attrs: TransposedAttrs,
  size: Pair,
): Tensor | null {
  const [rows, columns] = attrs.stride;
  const [height, width] = heightAndWidth((i) => size[i] / attrs.stride[i]);
  const { n } = layout;
  const b = sizeOfAxis(x, 0, "transposedConvolution");
  const blocks = sizeOfAxis(w, 1, "transposedConvolution") / n;
  const lines: Tensor[] = [];
  for (let row = 0; row < rows; row++) {
    const cells: Tensor[] = [];
    for (let column = 0; column < columns; column++) {
      const phase = phaseOf(x, w, attrs, [row, column], size);
      if (phase === null) return null;
      const cell =
        phase.taps.rows.length * phase.taps.columns.length === 0
          ? full([b, blocks, height, width, n], 0)
          : convolvePhase(layout, x, w, phase, [1, 1]);
      cells.push(reshape(cell, [b * blocks * height * width, 1, n]));
    }
    lines.push(reshape(concat(cells, 1), [b * blocks * height, 1, size[1] * n]));
  }
  return reshape(concat(lines, 1), [b, blocks, ...size, n]);
}

/**
 * The gradient of filters as a convolution in which batch and channels have changed places: pictures `[C, B, H, W]`,
 * filters `[O, B, OH, OW]` which are the output's gradient, result `[C, O, KH, KW]`. Stride and dilation change places
 * too. It takes no gathered windows; its zeros are written around the pictures, since near padding the runtime computes
 * one place at a time (3×3 filters: 83 to 138 GFLOP/s with padding, 204 to 219 without).
 */
export function filterGradientInBlocks(
  layout: BlockLayout,
  [x, g]: Two,
  { stride, padding, dilation, groups }: ConvolutionAttrs,
  shape: Shape,
): Tensor | null {
  const [o, , ...kernel] = shapeOf(shape, 4, "filterGradient");
  const [b, c, ...size] = shapeOf(x, 4, "filterGradient");
  const [, , ...places] = shapeOf(g, 4, "filterGradient");
  const overlaps = heightAndWidth((i) => kernel[i] > stride[i]).every(Boolean);
  if (groups !== 1 || !layout.fits(o) || !layout.fits(b) || !overlaps) return null;
  const needed = heightAndWidth((i) => stride[i] * (places[i] - 1) + dilation[i] * (kernel[i] - 1) + 1);
  const pictures = layout.toBlocks(transpose(x, [1, 0, 2, 3])); // [C, B/n, H, W, n]
  const used = heightAndWidth((i) => Math.min(size[i], needed[i] - padding[i]));
  const after = heightAndWidth((i) => needed[i] - padding[i] - used[i]);
  const blocks = b / layout.n;
  const cut = slice(pictures, [0, 0, 0, 0, 0], [c, blocks, ...used, layout.n]);
  const framed = pad(cut, [0, 0, ...padding, 0], [0, 0, ...after, 0]);
  const dw = blockConvolution([framed, picturesAsFilters(layout, layout.toBlocks(g))], {
    ...NO_ENDING,
    ...{ stride: dilation, dilation: stride, kernel: places, pads: [0, 0, 0, 0], biased: false },
  } satisfies BlockConvolutionAttrs);
  return filtersFromPictures(layout, dw);
}
