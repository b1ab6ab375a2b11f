/**
 * 2-D convolution with stride, padding, dilation and groups; its transpose; and the gradient of its filters.
 */
import {
  apply1,
  FLOAT,
  type One,
  type Operator,
  requireType,
  type Shape,
  sameShape,
  shapeError,
  shapeOf,
  type Tensor,
  type Two,
} from "../tensor.ts";
import { heightAndWidth } from "./axes.ts";
import { type ConvolutionAttrs, type ConvolutionInputs, emitConvolution } from "./emit-convolution.ts";
import { emitTransposedConvolution, type TransposedAttrs } from "./emit-transposed-convolution.ts";
import { filterGradientByProducts } from "./filter-gradient.ts";
import { sum } from "./movement.ts";

type Pair = readonly [number, number];

export const convolutionOperator: Operator<ConvolutionAttrs, ConvolutionInputs, One> = {
  name: "convolution",
  infer(inputs, attrs) {
    const [x, w, bias] = inputs;
    requireType("convolution", FLOAT, inputs);
    requireGeometry("convolution", attrs, inputs);
    const unfit = `x [B, C, H, W], filters [O, C/${attrs.groups}, KH, KW] and bias [O] that fit`;
    if (x.rank !== 4 || w.rank !== 4) throw shapeError("convolution", unfit, inputs);
    const [b, c, ...places] = shapeOf(x, 4, "convolution");
    const [o, each, ...kernel] = shapeOf(w, 4, "convolution");
    const fits =
      c === each * attrs.groups &&
      o % attrs.groups === 0 &&
      (bias === undefined || sameShape(bias.shape, [o]));
    const size = heightAndWidth((i) => outputSize(places[i], kernel[i], i, attrs));
    if (!fits || size.some((s) => s < 1)) throw shapeError("convolution", unfit, inputs);
    return [{ shape: [b, o, ...size], dtype: x.dtype }];
  },
  gradient: {
    rule: ({ inputs: [x, w, bias], grads: [g], attrs }) => [
      inputGradient(g, w, x, attrs),
      filterGradient(x, g, w.shape, attrs),
      ...(bias === undefined ? [] : [sum(g, [0, 2, 3])]),
    ],
  },
  emit: emitConvolution,
};

export const transposedConvolutionOperator: Operator<TransposedAttrs, Two, One> = {
  name: "transposedConvolution",
  infer(inputs, attrs) {
    const [x, w] = inputs;
    requireType("transposedConvolution", FLOAT, inputs);
    requireGeometry("transposedConvolution", attrs, inputs);
    const unfit = "x [B, C, H, W] and filters [C, O/groups, KH, KW] that fit";
    if (x.rank !== 4 || w.rank !== 4) throw shapeError("transposedConvolution", unfit, inputs);
    const [b, c, ...places] = shapeOf(x, 4, "transposedConvolution");
    const [filters, each, ...kernel] = shapeOf(w, 4, "transposedConvolution");
    const { groups, stride, outputPadding } = attrs;
    const size = heightAndWidth((i) => adjointSize(places[i], kernel[i], i, attrs) + outputPadding[i]);
    if (c !== filters || c % groups !== 0 || size.some((s) => s < 1))
      throw shapeError("transposedConvolution", unfit, inputs);
    if (heightAndWidth((i) => outputPadding[i] >= 0 && outputPadding[i] < stride[i]).includes(false))
      throw shapeError(
        "transposedConvolution",
        `output padding below the stride ${stride}, not ${outputPadding}`,
        inputs,
      );
    return [{ shape: [b, each * groups, ...size], dtype: x.dtype }];
  },
  gradient: {
    rule({ inputs: [x, w], grads: [g], attrs }) {
      const { outputPadding: _, ...forward } = attrs;
      // The transposed map is the adjoint of a convolution from its output to its input, whose filters are w.
      return [convolution(g, w, forward), filterGradient(g, x, w.shape, forward)];
    },
  },
  emit: emitTransposedConvolution,
};

export interface FilterGradientAttrs extends ConvolutionAttrs {
  /** Of the filters, `[O, C/groups, KH, KW]`. */
  shape: Shape;
}

/**
 * For `y = convolution(x, w)`, of x and the gradient g of y:
 * `dw[o, c, i, j] = Σ g[b, o, p] · x[b, c, s·p + d·(i, j)]`.
 */
export const filterGradientOperator: Operator<FilterGradientAttrs, Two, One> = {
  name: "filterGradient",
  infer(inputs, { shape, ...attrs }) {
    requireType("filterGradient", FLOAT, inputs);
    const [x, g] = inputs;
    const [b, c, ...size] = shapeOf(x, 4, "filterGradient");
    const [o, each, ...kernel] = shapeOf(shape, 4, "filterGradient");
    const places = heightAndWidth((i) => outputSize(size[i], kernel[i], i, attrs));
    const fits = c === each * attrs.groups && o % attrs.groups === 0 && sameShape(g.shape, [b, o, ...places]);
    if (!fits) throw shapeError("filterGradient", `x and g of a convolution with filters [${shape}]`, inputs);
    return [{ shape, dtype: "float32" }];
  },
  gradient: {
    // The operator is linear in both: to x it is the convolution's adjoint, to g the convolution, with dw's
    // gradient for filters.
    rule({ inputs: [x, g], grads: [filters], attrs: { shape: _, ...geometry } }) {
      return [inputGradient(g, filters, x, geometry), convolution(x, filters, geometry)];
    },
  },
  expand: ([x, g], { shape, ...geometry }) => [filterGradientByProducts(x, g, shape, geometry)],
};

/** One number stands for height and width alike. */
export interface ConvolutionOptions {
  stride?: number | Pair;
  padding?: number | Pair;
  dilation?: number | Pair;
  groups?: number;
}

/**
 * Cross-correlation of x `[B, C, H, W]` with filters `[O, C/groups, KH, KW]`, plus bias `[O]` if one is
 * given, as PyTorch's Conv2d: `[B, O, OH, OW]` with
 * `OH = ⌊(H + 2·padding - dilation·(KH - 1) - 1) / stride⌋ + 1`. Padding is zeros, on both sides.
 *
 * @throws AfterimageError `tensor/shape` when filters, groups or bias do not fit the channels, when a window
 * is larger than the padded picture, for a stride, dilation or groups below 1 or a negative padding;
 * `tensor/dtype` for anything but float32.
 */
export function convolution(
  x: Tensor,
  filters: Tensor,
  options: ConvolutionOptions = {},
  bias?: Tensor,
): Tensor {
  const inputs = [x, filters, ...(bias === undefined ? [] : [bias])] as const;
  return apply1(convolutionOperator, inputs, convolutionAttrs(options));
}

/**
 * The adjoint of {@link convolution}: x `[B, C, H, W]`, filters `[C, O/groups, KH, KW]`, as PyTorch's
 * ConvTranspose2d: `[B, O, OH, OW]` with
 * `OH = (H - 1)·stride - 2·padding + dilation·(KH - 1) + 1 + outputPadding`.
 *
 * @throws AfterimageError `tensor/shape` as {@link convolution}, and for an output padding outside [0,
 * stride).
 */
export function transposedConvolution(
  x: Tensor,
  filters: Tensor,
  options: ConvolutionOptions & { outputPadding?: number | Pair } = {},
): Tensor {
  const attrs = { ...convolutionAttrs(options), outputPadding: asPair(options.outputPadding ?? 0) };
  return apply1(transposedConvolutionOperator, [x, filters], attrs);
}

/**
 * The gradient of a convolution's filters, which have this shape, from its input x and the gradient g of its
 * output: for those who write a derivative by hand. The options are those of the convolution.
 *
 * @throws AfterimageError `tensor/shape` when g is not of the shape that the convolution gives.
 */
export function filterGradient(x: Tensor, g: Tensor, shape: Shape, options: ConvolutionOptions = {}): Tensor {
  return apply1(filterGradientOperator, [x, g], { ...convolutionAttrs(options), shape });
}

/** The gradient of a convolution's input is the transposed convolution that ends at the input's size. */
function inputGradient(g: Tensor, w: Tensor, x: Tensor, attrs: ConvolutionAttrs): Tensor {
  const [, , ...size] = shapeOf(x, 4, "convolution");
  const [, , ...kernel] = shapeOf(w, 4, "convolution");
  const [, , ...places] = shapeOf(g, 4, "convolution");
  const outputPadding = heightAndWidth((i) => size[i] - adjointSize(places[i], kernel[i], i, attrs));
  return transposedConvolution(g, w, { ...attrs, outputPadding });
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
  i: 0 | 1,
  { stride, padding, dilation }: ConvolutionAttrs,
): number {
  return Math.floor((size + 2 * padding[i] - dilation[i] * (kernel - 1) - 1) / stride[i]) + 1;
}

/** The smallest size from which a convolution leads to `size`. */
function adjointSize(
  size: number,
  kernel: number,
  i: 0 | 1,
  { stride, padding, dilation }: ConvolutionAttrs,
): number {
  return (size - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel - 1) + 1;
}
