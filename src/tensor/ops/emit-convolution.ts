/**
 * The ONNX form of a convolution: `Conv`, or for small pictures one product of all windows of the batch.
 *
 * ONNX Runtime's `Conv` multiplies picture by picture. Where a picture has few output positions those products are
 * too thin to be fast; ARCHITECTURE.md has the measurements.
 */
import type { Attribute } from "../../onnx/model.ts";
import type { Emitter, Node } from "../tensor.ts";
import { windowIndices } from "./window-indices.ts";

type Pair = readonly [number, number];

export interface ConvolutionAttrs {
  stride: Pair;
  /** Zeros on both sides of height and width. */
  padding: Pair;
  dilation: Pair;
  groups: number;
}

export function emitConvolution(
  e: Emitter,
  inputs: readonly string[],
  attrs: ConvolutionAttrs,
  attributes: Readonly<Record<string, Attribute>>,
  node: Node,
): readonly string[] {
  return e.contrib && inputs.length === 2 && isThin(node, attrs)
    ? emitWindows(e, inputs, attrs, node)
    : e.node("Conv", inputs, attributes);
}

/**
 * Whether gathering pays: up to 16 positions always; below 64 where they do not fill the product's tiles of 16; at 64
 * with many channels.
 */
function isThin(node: Node, { groups }: ConvolutionAttrs): boolean {
  const [, c, oh, ow] = node.outputs[0]!.shape as [number, number, number, number];
  const positions = oh * ow;
  const fillsTiles = positions % 16 === 0;
  return (
    groups === 1 && (positions <= 16 || (positions < 64 && !fillsTiles) || (positions <= 64 && c >= 256))
  );
}

/** `rows[windows] · filters`: x `[B, C, H, W]` to rows of channels, gathered to `[B·OH·OW, KH·KW·C]`. */
function emitWindows(
  e: Emitter,
  [x, w]: readonly string[],
  { padding, stride, dilation }: ConvolutionAttrs,
  node: Node,
): readonly string[] {
  const [b, c, height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [o, , kh, kw] = node.inputs[1]!.shape as [number, number, number, number];
  const [, , oh, ow] = node.outputs[0]!.shape as [number, number, number, number];
  const [h, wide] = [height + 2 * padding[0], width + 2 * padding[1]];
  const one = (operator: string, inputs: string[], attributes: Record<string, Attribute> = {}) =>
    e.node(operator, inputs, attributes)[0]!;
  const reshape = (name: string, ...shape: number[]) => one("Reshape", [name, e.int64(shape)]);
  const transpose = (name: string, ...perm: number[]) => one("Transpose", [name], { perm: { ints: perm } });

  const padded =
    padding[0] + padding[1] === 0 ? x! : one("Pad", [x!, e.int64([0, 0, ...padding, 0, 0, ...padding])]);
  const rows = reshape(transpose(padded, 0, 2, 3, 1), b * h * wide, c);
  const geometry = {
    batch: b,
    height: h,
    width: wide,
    outHeight: oh,
    outWidth: ow,
    kh,
    kw,
    stride,
    dilation,
  };
  const indices = e.constant(windowIndices(geometry), [b * oh * ow, kh * kw], "int32");
  const windows = reshape(one("Gather", [rows, indices], { axis: { int: 0 } }), b * oh * ow, kh * kw * c);
  const filters = reshape(transpose(w!, 2, 3, 1, 0), kh * kw * c, o);
  return [transpose(reshape(one("Gemm", [windows, filters]), b, oh, ow, o), 0, 3, 1, 2)];
}
