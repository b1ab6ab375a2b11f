/**
 * The gradient of convolution filters, for which ONNX has no operator, as matrix products.
 *
 * For `y = convolution(x, w)` and the gradient g of y: `dw[o, c, i, j] = Σ_{b, p} g[b, o, p] · x[b, c, s·p + d·(i, j)]`.
 * The formulation is chosen by shape; ARCHITECTURE.md has the measurements.
 */
import type { Shape, Tensor } from "../tensor.ts";
import { gather } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { pad, reshape, slice, transpose } from "./movement.ts";
import { constant } from "./source.ts";
import { windowIndices } from "./window-indices.ts";

interface Geometry {
  stride: readonly [number, number];
  padding: readonly [number, number];
  dilation: readonly [number, number];
  groups: number;
}

/**
 * @param x input of the convolution, `[B, C, H, W]`
 * @param g gradient of its output, `[B, O, OH, OW]`
 * @param shape of the filters, `[O, C/groups, KH, KW]`
 */
export function filterGradient(x: Tensor, g: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const [o, c, kh, kw] = shape as [number, number, number, number];
  const { groups } = geometry;
  const taps = kh * kw;
  const columns = imageRows(x, g, kh, kw, geometry); // [N, taps, C], N = B·OH·OW
  const rows = toRows(g); // [N, O]
  const n = rows.shape[0]!;
  if (groups === 1) {
    const dw = matmul(reshape(columns, [n, taps * c]), rows, { transposeA: true }); // [taps·C, O]
    return taps === 1 ? reshape(transpose(dw), shape) : transpose(reshape(dw, [kh, kw, c, o]), [3, 2, 0, 1]);
  }
  const grouped = transpose(reshape(columns, [n, taps, groups, c]), [2, 1, 3, 0]); // [G, taps, C/G, N]
  const outputs = transpose(reshape(rows, [n, groups, o / groups]), [1, 0, 2]); // [G, N, O/G]
  const dw = matmul(reshape(grouped, [groups, taps * c, n]), outputs); // [G, taps·C/G, O/G]
  return reshape(transpose(reshape(dw, [groups, kh, kw, c, o / groups]), [0, 4, 3, 1, 2]), shape);
}

/** `[B, C, H, W]` to rows of channels, `[B·H·W, C]`. */
function toRows(x: Tensor): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 3, 1]), [b * h * w, c]);
}

/** For every output position the input's channels under each tap: `[B·OH·OW, taps, C]`. */
function imageRows(x: Tensor, g: Tensor, kh: number, kw: number, geometry: Geometry): Tensor {
  const { stride, padding, dilation } = geometry;
  const [b, , oh, ow] = g.shape as [number, number, number, number];
  const c = x.shape[1]!;
  if (kh * kw === 1 && padding.every((p) => p === 0)) {
    const used = slice(
      x,
      [0, 0, 0, 0],
      [b, c, (oh - 1) * stride[0] + 1, (ow - 1) * stride[1] + 1],
      [1, 1, ...stride],
    );
    return reshape(toRows(used), [b * oh * ow, 1, c]);
  }
  const padded = pad(x, [0, 0, ...padding], [0, 0, ...padding]);
  const [h, w] = [padded.shape[2]!, padded.shape[3]!];
  const indices = windowIndices({
    batch: b,
    height: h,
    width: w,
    outHeight: oh,
    outWidth: ow,
    kh,
    kw,
    stride,
    dilation,
  });
  return gather(toRows(padded), constant(indices, [b * oh * ow, kh * kw], "int32"));
}
