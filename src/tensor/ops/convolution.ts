/** 2-D convolution with stride, padding, dilation and groups; its transpose; and the gradient of its filters. */
import { apply1, FLOAT, type Operator, requireType, sameShape, shapeError, type Tensor } from "../tensor.ts";
import { type ConvolutionAttrs, emitConvolution } from "./emit-convolution.ts";
import { filterGradient } from "./filter-gradient.ts";
import { reshape, reverse, sum, transpose } from "./movement.ts";

type Pair = readonly [number, number];

export interface TransposedAttrs extends ConvolutionAttrs {
  /** Rows and columns at the end, fewer than the stride, which tell apart input sizes that give one output size. */
  outputPadding: Pair;
}

export const convolutionOperator: Operator<ConvolutionAttrs> = {
  name: "convolution",
  infer(inputs, attrs) {
    const [x, w, bias] = inputs;
    requireType("convolution", FLOAT, inputs);
    requireGeometry("convolution", attrs, inputs);
    const fits =
      x!.rank === 4 &&
      w!.rank === 4 &&
      x!.shape[1] === w!.shape[1]! * attrs.groups &&
      w!.shape[0]! % attrs.groups === 0 &&
      (bias === undefined || sameShape(bias.shape, [w!.shape[0]!]));
    const size = [0, 1].map((i) => outputSize(x!.shape[2 + i]!, w!.shape[2 + i]!, i, attrs));
    if (!fits || size.some((s) => s < 1))
      throw shapeError(
        "convolution",
        `x [B, C, H, W], filters [O, C/${attrs.groups}, KH, KW] and bias [O] that fit`,
        inputs,
      );
    return [{ shape: [x!.shape[0]!, w!.shape[0]!, ...size], dtype: x!.dtype }];
  },
  gradient: {
    rule: ({ inputs: [x, w, bias], grads: [g], attrs }) => [
      inputGradient(g!, w!, x!, attrs),
      filterGradient(x!, g!, w!.shape, attrs),
      ...(bias === undefined ? [] : [sum(g!, [0, 2, 3])]),
    ],
  },
  emit: (e, inputs, attrs, node) => emitConvolution(e, inputs, attrs, onnxAttributes(attrs), node),
};

export const transposedConvolutionOperator: Operator<TransposedAttrs> = {
  name: "transposedConvolution",
  infer(inputs, attrs) {
    const [x, w] = inputs;
    requireType("transposedConvolution", FLOAT, inputs);
    requireGeometry("transposedConvolution", attrs, inputs);
    const fits =
      x!.rank === 4 && w!.rank === 4 && x!.shape[1] === w!.shape[0]! && w!.shape[0]! % attrs.groups === 0;
    const size = [0, 1].map((i) => {
      const kernel = attrs.dilation[i]! * (w!.shape[2 + i]! - 1) + 1;
      return (
        (x!.shape[2 + i]! - 1) * attrs.stride[i]! - 2 * attrs.padding[i]! + kernel + attrs.outputPadding[i]!
      );
    });
    if (!fits || size.some((s) => s < 1))
      throw shapeError(
        "transposedConvolution",
        "x [B, C, H, W] and filters [C, O/groups, KH, KW] that fit",
        inputs,
      );
    if (attrs.outputPadding.some((extra, i) => !(extra >= 0 && extra < attrs.stride[i]!)))
      throw shapeError(
        "transposedConvolution",
        `output padding below the stride ${attrs.stride}, not ${attrs.outputPadding}`,
        inputs,
      );
    return [{ shape: [x!.shape[0]!, w!.shape[1]! * attrs.groups, ...size], dtype: x!.dtype }];
  },
  gradient: {
    rule({ inputs: [x, w], grads: [g], attrs }) {
      const { outputPadding: _, ...forward } = attrs;
      // The transposed map is the adjoint of a convolution from its output to its input, whose filters are w.
      return [convolution(g!, w!, forward), filterGradient(g!, x!, w!.shape, forward)];
    },
  },
  emit: (e, inputs, attrs) =>
    e.node("ConvTranspose", inputs, {
      ...onnxAttributes(attrs),
      output_padding: { ints: attrs.outputPadding },
    }),
};

/** One number stands for height and width alike. */
export interface ConvolutionOptions {
  stride?: number | Pair;
  padding?: number | Pair;
  dilation?: number | Pair;
  groups?: number;
}

/** Cross-correlation of x `[B, C, H, W]` with filters `[O, C/groups, KH, KW]`, plus bias `[O]` if one is given. */
export function convolution(
  x: Tensor,
  filters: Tensor,
  options: ConvolutionOptions = {},
  bias?: Tensor,
): Tensor {
  const inputs = bias === undefined ? [x, filters] : [x, filters, bias];
  return apply1(convolutionOperator, inputs, convolutionAttrs(options));
}

/** The adjoint of {@link convolution}: x `[B, C, H, W]`, filters `[C, O/groups, KH, KW]`, as PyTorch's ConvTranspose2d. */
export function transposedConvolution(
  x: Tensor,
  filters: Tensor,
  options: ConvolutionOptions & { outputPadding?: number | Pair } = {},
): Tensor {
  const attrs = { ...convolutionAttrs(options), outputPadding: asPair(options.outputPadding ?? 0) };
  return apply1(transposedConvolutionOperator, [x, filters], attrs);
}

/**
 * The gradient of a convolution's input. At stride 1 it is itself a convolution, with the filters turned round
 * and their channels exchanged, which ONNX Runtime does faster than `ConvTranspose`.
 */
function inputGradient(g: Tensor, w: Tensor, x: Tensor, attrs: ConvolutionAttrs): Tensor {
  const kernel = [0, 1].map((i) => attrs.dilation[i]! * (w.shape[2 + i]! - 1) + 1);
  const padding: Pair = [kernel[0]! - 1 - attrs.padding[0], kernel[1]! - 1 - attrs.padding[1]];
  if (attrs.stride.every((s) => s === 1) && padding.every((p) => p >= 0)) {
    return convolution(g, adjointFilters(w, attrs.groups), { ...attrs, padding });
  }
  const reached = [0, 1].map(
    (i) => (g.shape[2 + i]! - 1) * attrs.stride[i]! - 2 * attrs.padding[i]! + kernel[i]!,
  );
  // What the stride left over of the input is less than the stride.
  const outputPadding: Pair = [x.shape[2]! - reached[0]!, x.shape[3]! - reached[1]!];
  return transposedConvolution(g, w, { ...attrs, outputPadding });
}

/** `[O, C/G, KH, KW]` to `[C, O/G, KH, KW]`, turned round in height and width. */
function adjointFilters(w: Tensor, groups: number): Tensor {
  const [o, c, kh, kw] = w.shape as [number, number, number, number];
  const turned = kh * kw === 1 ? w : reverse(w, [2, 3]);
  if (groups === 1) return transpose(turned, [1, 0, 2, 3]);
  const grouped = reshape(turned, [groups, o / groups, c, kh, kw]);
  return reshape(transpose(grouped, [0, 2, 1, 3, 4]), [groups * c, o / groups, kh, kw]);
}

function convolutionAttrs(options: ConvolutionOptions): ConvolutionAttrs {
  return {
    stride: asPair(options.stride ?? 1),
    padding: asPair(options.padding ?? 0),
    dilation: asPair(options.dilation ?? 1),
    groups: options.groups ?? 1,
  };
}

export function asPair(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : value;
}

function requireGeometry(operator: string, attrs: ConvolutionAttrs, inputs: readonly Tensor[]): void {
  const { stride, padding, dilation, groups } = attrs;
  const ok = [...stride, ...dilation, groups].every((n) => n >= 1) && padding.every((n) => n >= 0);
  if (!ok)
    throw shapeError(
      operator,
      `stride, dilation and groups of at least 1 and no negative padding, not ${JSON.stringify(attrs)}`,
      inputs,
    );
}

function outputSize(
  size: number,
  kernel: number,
  i: number,
  { stride, padding, dilation }: ConvolutionAttrs,
): number {
  return Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel - 1) - 1) / stride[i]!) + 1;
}

function onnxAttributes({ stride, padding, dilation, groups }: ConvolutionAttrs) {
  return {
    strides: { ints: stride },
    pads: { ints: [...padding, ...padding] },
    dilations: { ints: dilation },
    group: { int: groups },
  };
}
