/**
 * Operators on pictures in channel blocks, `[B, C/n, H, W, n]`: the layout in which ONNX Runtime's CPU provider
 * convolves directly, without gathering windows (its `com.microsoft.nchwc` operators; n is 16 with AVX-512, 8 with AVX2).
 *
 * They are put into a graph after it has been differentiated (lower-to-blocks.ts), so they have no derivatives.
 */
import {
  apply1,
  type Emitter,
  type One,
  type Operator,
  type Shape,
  type Sizes,
  shapeOf,
  sizeOfAxis,
  type Tensor,
  type Two,
} from "../tensor.ts";

const NAME = "a convolution in blocks";
const DOMAIN = "com.microsoft.nchwc";

type Pair = readonly [number, number];
type Blocked = readonly [b: number, blocks: number, h: number, w: number, n: number];

const asPlain = ([b, blocks, h, w, n]: Blocked): Sizes<4> => [b, blocks * n, h, w];

/** ONNX Runtime's operators know pictures in blocks by their plain shape. */
function emitReshape(e: Emitter, x: string, shape: Shape): string {
  return e.node("Reshape", [x, e.shape(shape)])[0];
}

/** Plain `[B, C, H, W]` to `[B, C/n, H, W, n]`; n is the attribute and divides C. */
export const toBlocksOperator: Operator<number, One, One> = {
  name: "toBlocks",
  infer([x], n) {
    const [b, c, h, w] = shapeOf(x, 4, NAME);
    return [{ shape: [b, c / n, h, w, n], dtype: "float32" }];
  },
  gradient: "non-differentiable",
  emit(e, [x], _n, { outputs }) {
    const blocks = e.runtimeNode(DOMAIN, "ReorderInput", [x])[0];
    return [emitReshape(e, blocks, outputs[0].shape)];
  },
};

/** `[B, C/n, H, W, n]` to plain `[B, C, H, W]`. */
export const fromBlocksOperator: Operator<null, One, One> = {
  name: "fromBlocks",
  infer: ([x]) => [{ shape: asPlain(shapeOf(x, 5, NAME)), dtype: "float32" }],
  gradient: "non-differentiable",
  emit(e, [x], _attrs, { outputs }) {
    const shape = shapeOf(outputs[0], 4, "fromBlocks");
    const blocks = emitReshape(e, x, shape);
    return e.runtimeNode(DOMAIN, "ReorderOutput", [blocks], { channels: { int: shape[1] } });
  },
};

/** What may be done to a result while it is still in the cache. */
export interface Ending {
  /** Whether the last input is added to it. */
  adds: boolean;
  /** Whether negative values then become 0. */
  relu: boolean;
}

export const NO_ENDING: Ending = { adds: false, relu: false };

export interface BlockConvolutionAttrs extends Ending {
  stride: Pair;
  /** Zeros above, on the left, below, on the right. */
  pads: readonly [number, number, number, number];
  dilation: Pair;
  kernel: Pair;
  /** Whether the second input but one is a bias `[O]`. */
  biased: boolean;
}

type BlockInputs = readonly [x: Tensor, filters: Tensor, ...biasAndSummand: Tensor[]];

/**
 * Convolution of pictures in blocks with filters in blocks, `[O/n, C/n, KH, KW, n of C, n of O]`; or, where the pictures
 * have fewer than n channels, of plain pictures `[B, C, H, W]` with filters `[O/n, C, KH, KW, n of O]`.
 * Then a bias `[O]` and a summand of the result's shape, if there are.
 */
export const blockConvolutionOperator: Operator<BlockConvolutionAttrs, BlockInputs, One> = {
  name: "blockConvolution",
  infer([x, filters], { stride, pads, dilation, kernel }) {
    const [b, , h, w] = x.rank === 4 ? shapeOf(x, 4, NAME) : shapeOf(x, 5, NAME);
    const around = [pads[0] + pads[2], pads[1] + pads[3]] as const;
    const size = (n: number, axis: 0 | 1) =>
      Math.floor((n + around[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
    const [blocks, ofBlock] = [sizeOfAxis(filters, 0, NAME), sizeOfAxis(filters, -1, NAME)];
    const shape = [b, blocks, size(h, 0), size(w, 1), ofBlock];
    return [{ shape, dtype: "float32" }];
  },
  gradient: "non-differentiable",
  emit(e, [x, filters, ...rest], attrs, { inputs: [pictures, blocks], outputs }) {
    const shape = shapeOf(outputs[0], 5, NAME);
    const o = shape[1] * shape[4];
    const isPlain = pictures.rank === 4;
    const [, channels] = isPlain ? shapeOf(pictures, 4, NAME) : asPlain(shapeOf(pictures, 5, NAME));
    const { stride, pads, dilation, kernel, relu } = attrs;
    const y = emitConv(
      e,
      [
        isPlain ? x : emitReshape(e, x, asPlain(shapeOf(pictures, 5, NAME))),
        emitReshape(e, filters, [o, blocks.size / (o * kernel[0] * kernel[1]), ...kernel]),
        ...emitEnding(e, rest, attrs, attrs.biased, shape),
      ],
      {
        kernel_shape: { ints: kernel },
        strides: { ints: stride },
        pads: { ints: pads },
        dilations: { ints: dilation },
        group: { int: channels / (blocks.size / (o * kernel[0] * kernel[1])) },
      },
      relu,
    );
    return [emitReshape(e, y, shape)];
  },
};

type AffineInputs = readonly [x: Tensor, gain: Tensor, shift: Tensor, ...summand: Tensor[]];

/** `x · gain + shift` with a factor and a summand for each channel, `[C]`; then the ending. */
export const blockAffineOperator: Operator<Ending, AffineInputs, One> = {
  name: "blockAffine",
  infer: ([x]) => [x],
  gradient: "non-differentiable",
  emit(e, [x, gain, shift, ...rest], ending, { outputs }) {
    const shape = shapeOf(outputs[0], 5, NAME);
    const c = shape[1] * shape[4];
    const y = emitConv(
      e,
      [
        emitReshape(e, x, asPlain(shape)),
        emitReshape(e, gain, [c, 1, 1, 1]),
        ...emitEnding(e, [shift, ...rest], ending, true, shape),
      ],
      { kernel_shape: { ints: [1, 1] }, group: { int: c } },
      ending.relu,
    );
    return [emitReshape(e, y, shape)];
  },
};

/** For each channel the sum of a·b over batch and places, `[C]`: every channel of a picture filtered by that of another. */
export const blockDotOperator: Operator<null, Two, One> = {
  name: "blockDot",
  infer: ([a]) => [{ shape: [asPlain(shapeOf(a, 5, NAME))[1]], dtype: "float32" }],
  gradient: "non-differentiable",
  emit(e, [a, b], _attrs, { inputs }) {
    const [batch, blocks, h, w, n] = shapeOf(inputs[0], 5, NAME);
    const channels = batch * blocks * n;
    const pictures = emitReshape(e, a, [1, channels, h, w]);
    const filters = emitReshape(e, b, [channels, 1, h, w]);
    const attributes = { kernel_shape: { ints: [h, w] }, group: { int: channels } };
    const products = emitConv(e, [pictures, filters], attributes, false);
    const rows = emitReshape(e, products, [batch, blocks * n]);
    return e.node("ReduceSum", [rows, e.int64([0])], { keepdims: 0 });
  },
};

type Attributes = NonNullable<Parameters<Emitter["runtimeNode"]>[3]>;

function emitConv(e: Emitter, inputs: readonly string[], attributes: Attributes, relu: boolean): string {
  const activation = relu ? { activation: { string: "Relu" } } : {};
  return e.runtimeNode(DOMAIN, "Conv", inputs, { ...attributes, ...activation })[0];
}

/** The optional inputs of the operator: a bias, and what is added; a left out one before another is written as "". */
function emitEnding(
  e: Emitter,
  rest: readonly string[],
  { adds }: Ending,
  biased: boolean,
  shape: Blocked,
): string[] {
  const [bias = ""] = biased ? rest : [];
  const summand = rest.at(-1);
  if (!adds || summand === undefined) return biased ? [bias] : [];
  return [bias, emitReshape(e, summand, asPlain(shape))];
}

export function blockConvolution(inputs: BlockInputs, attrs: BlockConvolutionAttrs): Tensor {
  return apply1(blockConvolutionOperator, inputs, attrs);
}

export function blockAffine(inputs: AffineInputs, ending: Ending): Tensor {
  return apply1(blockAffineOperator, inputs, ending);
}

export function blockDot(a: Tensor, b: Tensor): Tensor {
  return apply1(blockDotOperator, [a, b], null);
}
