/**
 * The ONNX forms of a convolution: `Conv`, or for small pictures one product of all windows of the batch.
 *
 * ONNX Runtime's `Conv` multiplies picture by picture. Where a picture has few output positions those products are
 * too thin to be fast; ARCHITECTURE.md has the measurements.
 */
import type { AttributesOf } from "../../onnx/attributes.ts";
import { type Emitter, type Node, type One, type Shape, shapeOf, type Tensor } from "../tensor.ts";
import { emitGatheredRows, emitPictures, emitReshape, emitRows } from "./emit-rows.ts";
import { windowIndices } from "./window-indices.ts";

type Pair = readonly [number, number];

export type ConvolutionInputs = readonly [x: Tensor, filters: Tensor, ...bias: Tensor[]];
type ConvolutionNode = Node<ConvolutionInputs, One>;
type Names = readonly [x: string, filters: string, ...bias: string[]];

export interface ConvolutionAttrs {
  stride: Pair;
  /** Zeros on both sides of height and width. */
  padding: Pair;
  dilation: Pair;
  groups: number;
}

export function emitConvolution(
  e: Emitter,
  inputs: Names,
  attrs: ConvolutionAttrs,
  node: ConvolutionNode,
): readonly string[] {
  return e.contrib && inputs.length === 2 && areThin(node.outputs[0].shape, attrs)
    ? emitWindows(e, inputs, attrs, node)
    : e.node("Conv", inputs, onnxAttributes(attrs));
}

/**
 * Whether pictures `[B, C, H, W]` are so small that one product for the batch is faster than one for each: up to 16
 * positions always; below 64 where they do not fill the product's tiles of 16; at 64 with many channels.
 */
export function areThin(shape: Shape, { groups }: ConvolutionAttrs): boolean {
  const [, channels, height, width] = shapeOf(shape, 4, "convolution");
  const positions = height * width;
  const fillsTiles = positions % 16 === 0;
  return (
    groups === 1 &&
    (positions <= 16 || (positions < 64 && !fillsTiles) || (positions <= 64 && channels >= 256))
  );
}

export function onnxAttributes({
  stride,
  padding,
  dilation,
  groups,
}: ConvolutionAttrs): AttributesOf<"Conv"> {
  return {
    strides: stride,
    pads: [...padding, ...padding],
    dilations: dilation,
    group: groups,
  };
}

/** `windows · filtersᵀ`: x `[B, C, H, W]` to rows of channels, gathered to `[B·OH·OW, KH·KW·C]`. */
function emitWindows(
  e: Emitter,
  [x, w]: Names,
  { padding, stride, dilation }: ConvolutionAttrs,
  { inputs, outputs }: ConvolutionNode,
): readonly string[] {
  const shape = shapeOf(inputs[0], 4, "convolution");
  const [b, c, height, width] = shape;
  const [o, , kh, kw] = shapeOf(inputs[1], 4, "convolution");
  const [, , oh, ow] = shapeOf(outputs[0], 4, "convolution");
  const indices = windowIndices({
    batch: b,
    size: [height, width],
    outSize: [oh, ow],
    kernel: [kh, kw],
    stride,
    padding,
    dilation,
  });
  const windows = emitGatheredRows(e, emitRows(e, x, shape), c, indices, kh * kw);
  const product = e.node("Gemm", [windows, emitTapsFirst(e, w, o, c, kh * kw)], { transB: 1 })[0];
  return [emitPictures(e, product, [b, o, oh, ow])];
}

/**
 * Filters `[O, C, KH, KW]` to `[O, KH·KW·C]`. Only one axis moves: ONNX Runtime turns that ten times faster than an
 * order in which every axis changes its place.
 */
export function emitTapsFirst(e: Emitter, w: string, o: number, c: number, taps: number): string {
  const flat = emitReshape(e, w, o, c, taps);
  const turned = e.node("Transpose", [flat], { perm: [0, 2, 1] })[0];
  return emitReshape(e, turned, o, taps * c);
}
