/**
 * The gradient of convolution filters, for which ONNX has no operator, as matrix products: what it expands to where
 * pictures do not lie in blocks of channels.
 *
 * For `y = convolution(x, w)` and the gradient g of y: `dw[o, c, i, j] = Σ_{b, p} g[b, o, p] · x[b, c, s·p + d·(i, j)]`.
 * The formulation is chosen by shape; ARCHITECTURE.md has the measurements.
 */
import { type Shape, shapeOf, type Tensor } from "../tensor.ts";
import type { ConvolutionAttrs } from "./emit-convolution.ts";
import { gather } from "./indexing.ts";
import { concat } from "./join.ts";
import { matmul } from "./matmul.ts";
import { pad, reshape, slice, transpose } from "./movement.ts";
import { constant } from "./source.ts";
import { windowIndices } from "./window-indices.ts";

type Geometry = ConvolutionAttrs;

const NAME = "filterGradient";

/**
 * @param x input of the convolution, `[B, C, H, W]`
 * @param g gradient of its output, `[B, O, OH, OW]`
 * @param shape of the filters, `[O, C/groups, KH, KW]`
 */
export function filterGradientByProducts(x: Tensor, g: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const [o, c, kh, kw] = shapeOf(shape, 4, NAME);
  const { groups } = geometry;
  if (hasNarrowRows(c, geometry)) return gradientByBlocks(x, g, shape, geometry);
  const taps = kh * kw;
  const windows = windowRows(x, g, kh, kw, geometry); // [N, taps·C], N = B·OH·OW
  const rows = toRows(g); // [N, O]
  const [n] = shapeOf(rows, 2, NAME);
  if (groups === 1) {
    const dw = hasFiltersAsRows(n, o)
      ? matmul(rows, windows, { transposeA: true }) // [O, taps·C]
      : transpose(matmul(windows, rows, { transposeA: true }));
    return taps === 1 ? reshape(dw, shape) : reshape(transpose(reshape(dw, [o, taps, c]), [0, 2, 1]), shape);
  }
  const grouped = transpose(reshape(windows, [n, taps, groups, c]), [2, 1, 3, 0]); // [G, taps, C/G, N]
  const outputs = transpose(reshape(rows, [n, groups, o / groups]), [1, 0, 2]); // [G, N, O/G]
  const dw = matmul(reshape(grouped, [groups, taps * c, n]), outputs); // [G, taps·C/G, O/G]
  return reshape(transpose(reshape(dw, [groups, taps, c, o / groups]), [0, 3, 2, 1]), shape);
}

/** Which side of the product is turned: `gᵀ · windows` with few filters or few rows, else `(windowsᵀ · g)ᵀ`. */
function hasFiltersAsRows(rows: number, filters: number): boolean {
  return filters < 64 || rows <= 4096;
}

/** `[B, C, H, W]` to rows of channels, `[B·H·W, C]`. */
function toRows(x: Tensor): Tensor {
  const [b, c, h, w] = shapeOf(x, 4, NAME);
  return reshape(transpose(x, [0, 2, 3, 1]), [b * h * w, c]);
}

/** For every output position the input's channels under each tap: `[B·OH·OW, taps·C]`. */
function windowRows(x: Tensor, g: Tensor, kh: number, kw: number, geometry: Geometry): Tensor {
  const { stride, padding, dilation } = geometry;
  const [b, , oh, ow] = shapeOf(g, 4, NAME);
  const [, c, height, width] = shapeOf(x, 4, NAME);
  if (kh * kw === 1 && padding.every((p) => p === 0)) {
    const end = [b, c, (oh - 1) * stride[0] + 1, (ow - 1) * stride[1] + 1];
    return toRows(slice(x, [0, 0, 0, 0], end, [1, 1, ...stride]));
  }
  const indices = windowIndices({
    batch: b,
    size: [height, width],
    outSize: [oh, ow],
    kernel: [kh, kw],
    stride,
    padding,
    dilation,
  });
  const extended = concat([toRows(x), constant(new Float32Array(c), [1, c])], 0);
  const gathered = gather(extended, constant(indices, [b * oh * ow, kh * kw], "int32"));
  return reshape(gathered, [b * oh * ow, kh * kw * c]);
}

/** Gathering copies rows one by one: with the few channels of a picture most of the time goes into finding them. */
function hasNarrowRows(channels: number, { stride, dilation, groups }: Geometry): boolean {
  const isStrided = stride.every((s) => s > 1) && dilation.every((d) => d === 1);
  return groups === 1 && channels <= 4 && isStrided;
}

/**
 * The same with rows of whole blocks of `stride` pixels, of which every window begins at one: fewer and longer rows,
 * for some taps more than the filters have, which are cut off in the end.
 */
function gradientByBlocks(x: Tensor, g: Tensor, shape: Shape, { stride, padding }: Geometry): Tensor {
  const [o, c, kh, kw] = shapeOf(shape, 4, NAME);
  const [b, , oh, ow] = shapeOf(g, 4, NAME);
  const [th, tw] = [Math.ceil(kh / stride[0]), Math.ceil(kw / stride[1])]; // blocks under a window
  const [h, w] = [oh - 1 + th, ow - 1 + tw]; // blocks in all
  const pixels = placed(transpose(x, [0, 2, 3, 1]), padding, [h * stride[0], w * stride[1]]);
  const lines = reshape(pixels, [b, h, stride[0], w, stride[1] * c]);
  const blocks = reshape(transpose(lines, [0, 1, 3, 2, 4]), [b * h * w, stride[0] * stride[1] * c]);
  const indices = windowIndices({
    batch: b,
    size: [h, w],
    outSize: [oh, ow],
    kernel: [th, tw],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
  });
  const windows = gather(blocks, constant(indices, [b * oh * ow, th * tw], "int32"));
  const flat = reshape(windows, [b * oh * ow, th * tw * stride[0] * stride[1] * c]);
  const dw = reshape(matmul(toRows(g), flat, { transposeA: true }), [o, th, tw, stride[0], stride[1], c]);
  const whole = reshape(transpose(dw, [0, 5, 1, 3, 2, 4]), [o, c, th * stride[0], tw * stride[1]]);
  return slice(whole, [0, 0, 0, 0], [o, c, kh, kw]);
}

/** Pictures `[B, H, W, C]` with zeros before, and as many after, or cut, as make them `size`. */
function placed(x: Tensor, before: readonly [number, number], size: readonly [number, number]): Tensor {
  const [b, height, width, c] = shapeOf(x, 4, NAME);
  const after = [size[0] - before[0] - height, size[1] - before[1] - width];
  const padded = pad(x, [0, ...before, 0], [0, ...after.map((n) => Math.max(0, n)), 0]);
  return slice(padded, [0, 0, 0, 0], [b, ...size, c]);
}
