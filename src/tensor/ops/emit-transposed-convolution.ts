/**
 * The ONNX forms of a transposed convolution, which is also the gradient of a convolution's input.
 *
 * At stride 1 it is a convolution with the filters turned round, which ONNX Runtime does faster than `ConvTranspose`.
 * For small pictures it is one product for the whole batch: at stride 1 of the windows that hold each place; at larger
 * strides, where most taps of such windows would be empty, of all rows with all taps, whose results are then collected
 * place by place.
 */
import { type Emitter, type Node, type One, type Sizes, shapeOf, type Two } from "../tensor.ts";
import { heightAndWidth } from "./axes.ts";
import { areThin, type ConvolutionAttrs, emitTapsFirst, onnxAttributes } from "./emit-convolution.ts";
import { emitGatheredRows, emitPictures, emitReshape, emitRows } from "./emit-rows.ts";
import { adjointIndices, contributorIndices, type WindowGeometry } from "./window-indices.ts";

type Pair = readonly [number, number];
type TransposedNode = Node<Two, One>;

const NAME = "transposedConvolution";

export interface TransposedAttrs extends ConvolutionAttrs {
  /** Rows and columns at the end, fewer than the stride, which tell apart input sizes that give one output size. */
  outputPadding: Pair;
}

export function emitTransposedConvolution(
  e: Emitter,
  [x, w]: readonly [x: string, filters: string],
  attrs: TransposedAttrs,
  node: TransposedNode,
): readonly string[] {
  const isDense = attrs.stride.every((stride) => stride === 1);
  if (e.contrib && areThin(node.outputs[0].shape, attrs))
    return [(isDense ? emitWindows : emitCollected)(e, x, w, attrs, node)];
  const shape = shapeOf(node.inputs[1], 4, NAME);
  const [, , ...kernel] = shape;
  const padding = heightAndWidth((i) => attrs.dilation[i] * (kernel[i] - 1) - attrs.padding[i]);
  if (isDense && padding.every((p) => p >= 0)) {
    const filters = emitAdjointFilters(e, w, shape, attrs.groups);
    return e.node("Conv", [x, filters], onnxAttributes({ ...attrs, padding }));
  }
  return e.node("ConvTranspose", [x, w], {
    ...onnxAttributes(attrs),
    output_padding: attrs.outputPadding,
  });
}

/** `[C, O/G, KH, KW]` to `[O, C/G, KH, KW]`, turned round in height and width. */
function emitAdjointFilters(e: Emitter, w: string, [c, o, kh, kw]: Sizes<4>, groups: number): string {
  const last = e.int64([-1, -1]);
  const turned =
    kh * kw === 1 ? w : e.node("Slice", [w, last, e.int64([-kh - 1, -kw - 1]), e.int64([2, 3]), last])[0];
  const grouped = emitReshape(e, turned, groups, c / groups, o, kh, kw);
  const exchanged = e.node("Transpose", [grouped], { perm: [0, 2, 1, 3, 4] })[0];
  return emitReshape(e, exchanged, groups * o, c / groups, kh, kw);
}

/** Stride 1: for each place the row of x under each tap, `[B·H·W, KH·KW·C]`, times the filters `[KH·KW·C, O]`. */
function emitWindows(e: Emitter, x: string, w: string, attrs: TransposedAttrs, node: TransposedNode): string {
  const [b, c, height, width] = shapeOf(node.inputs[0], 4, NAME);
  const [, o, kh, kw] = shapeOf(node.inputs[1], 4, NAME);
  const rows = emitRows(e, x, [b, c, height, width]);
  const windows = emitGatheredRows(e, rows, c, adjointIndices(geometryOf(node, attrs)), kh * kw);
  const flat = emitReshape(e, w, c, o, kh * kw);
  const tapsFirst = e.node("Transpose", [flat], { perm: [2, 0, 1] })[0];
  const filters = emitReshape(e, tapsFirst, kh * kw * c, o);
  const product = e.node("Gemm", [windows, filters])[0];
  return emitPictures(e, product, shapeOf(node.outputs[0], 4, NAME));
}

/** Larger strides: `rows · filters`, `[B·OH·OW, KH·KW·O]`, of which each place sums those that reach it. */
function emitCollected(
  e: Emitter,
  x: string,
  w: string,
  attrs: TransposedAttrs,
  node: TransposedNode,
): string {
  const xShape = shapeOf(node.inputs[0], 4, NAME);
  const [c, o, kh, kw] = shapeOf(node.inputs[1], 4, NAME);
  const [b, , height, width] = xShape;
  const product = e.node("Gemm", [emitRows(e, x, xShape), emitTapsFirst(e, w, c, o, kh * kw)])[0];
  const rows = emitReshape(e, product, b * height * width * kh * kw, o);
  const { indices, most } = contributorIndices(geometryOf(node, attrs));
  const collected = emitGatheredRows(e, rows, o, indices, most);
  const shape = shapeOf(node.outputs[0], 4, NAME);
  if (most === 1) return emitPictures(e, collected, shape);
  const apart = emitReshape(e, collected, indices.length / most, most, o);
  const summed = e.node("ReduceSum", [apart, e.int64([1])], { keepdims: 0 })[0];
  return emitPictures(e, summed, shape);
}

/** Of the convolution whose adjoint this is: from our output to our input. */
function geometryOf(
  { inputs, outputs }: TransposedNode,
  { stride, padding, dilation }: TransposedAttrs,
): WindowGeometry {
  const [batch, , outHeight, outWidth] = shapeOf(inputs[0], 4, NAME);
  const [, , height, width] = shapeOf(outputs[0], 4, NAME);
  const [, , kh, kw] = shapeOf(inputs[1], 4, NAME);
  return {
    batch,
    size: [height, width],
    outSize: [outHeight, outWidth],
    kernel: [kh, kw],
    stride,
    padding,
    dilation,
  };
}
