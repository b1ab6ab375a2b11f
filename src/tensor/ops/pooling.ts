/** Pooling over windows of `[B, C, H, W]`. */
import {
  apply,
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
import { asPair, transposedConvolution } from "./convolution.ts";
import { cast, div, mul, sub } from "./elementwise.ts";
import { gatherAlong, scatterAddAxis, scatterAddAxisOperator } from "./indexing.ts";
import { pad, reshape, slice, sliceAxis } from "./movement.ts";
import { full } from "./source.ts";

type Pair = readonly [number, number];

export interface PoolAttrs {
  kernel: Pair;
  stride: Pair;
  padding: Pair;
}

export const maxPoolOperator: Operator<PoolAttrs, One, Two> = {
  name: "maxPool",
  infer([x], attrs) {
    const shape = pooledShape("maxPool", x, attrs);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int64" },
    ];
  },
  gradient: {
    // ONNX gives the winners' places in the whole flattened tensor.
    rule({ inputs: [x], outputs: [y, indices], grads: [g] }) {
      if (g === null) return [null];
      const flat = [y.size];
      return [reshape(scatterAddAxis(reshape(g, flat), reshape(indices, flat), 0, x.size), x.shape)];
    },
  },
  emit: (e, [x], attrs) => e.node("MaxPool", [x], onnxAttributes(attrs), 2),
};

export const averagePoolOperator: Operator<PoolAttrs, One, One> = {
  name: "averagePool",
  infer: ([x], attrs) => [{ shape: pooledShape("averagePool", x, attrs), dtype: x.dtype }],
  gradient: {
    // Each output spreads 1/(kernel area) of its gradient over its window, which is a transposed convolution
    // per channel.
    rule({ inputs: [x], grads: [g], attrs: { kernel, stride, padding } }) {
      const [b, c, h, w] = shapeOf(x, 4, "averagePool");
      const [, , oh, ow] = shapeOf(g, 4, "averagePool");
      const box = full([1, 1, ...kernel], 1 / (kernel[0] * kernel[1]));
      const spread = transposedConvolution(reshape(g, [b * c, 1, oh, ow]), box, { stride });
      const [, , sh, sw] = shapeOf(spread, 4, "averagePool");
      const grown = pad(
        spread,
        [0, 0, 0, 0],
        [0, 0, Math.max(0, h + padding[0] - sh), Math.max(0, w + padding[1] - sw)],
      );
      const own = slice(grown, [0, 0, ...padding], [b * c, 1, padding[0] + h, padding[1] + w]);
      return [reshape(own, x.shape)];
    },
  },
  emit: (e, [x], attrs) => e.node("AveragePool", [x], { ...onnxAttributes(attrs), count_include_pad: 1 }),
};

export interface UnpoolAttrs extends PoolAttrs {
  /** Height and width of the result. */
  size: Pair;
}

export const maxUnpoolOperator: Operator<UnpoolAttrs, Two, One> = {
  name: "maxUnpool",
  infer([x, indices], { kernel, stride, padding, size }) {
    requireType("maxUnpool", FLOAT, [x]);
    requireType("maxUnpool (its indices)", ["int64"], [indices]);
    const [b, c, ...places] = shapeOf(x, 4, "maxUnpool");
    if (!sameShape(x.shape, indices.shape)) throw shapeError("maxUnpool", "one index a value", [x, indices]);
    if (heightAndWidth((i) => kernel[i] <= stride[i]).includes(false))
      throw shapeError("maxUnpool", `windows that do not overlap, not ${kernel} at strides of ${stride}`, [
        x,
      ]);
    const usual = heightAndWidth((i) => (places[i] - 1) * stride[i] - 2 * padding[i] + kernel[i]);
    if (heightAndWidth((i) => Math.abs(size[i] - usual[i]) < stride[i]).includes(false))
      throw shapeError("maxUnpool", `a size less than ${stride} from ${usual}, not ${size}`, [x]);
    return [{ shape: [b, c, ...size], dtype: x.dtype }];
  },
  gradient: {
    rule({ inputs: [x, indices], grads: [g] }) {
      return [reshape(gatherAlong(inLine(g), inLine(indices), 2), x.shape), null];
    },
  },
  expand([x, indices], { size }) {
    const targets = inLine(indices);
    const base = zerosLike(targets, size[0] * size[1]);
    const [b, c] = shapeOf(x, 4, "maxUnpool");
    return [reshape(apply1(scatterAddAxisOperator, [base, targets, inLine(x)], 2), [b, c, ...size])];
  },
};

/** `[B, C, H, W]` to `[B, C, H·W]`. */
function inLine(x: Tensor): Tensor {
  const [b, c, h, w] = shapeOf(x, 4, "maxUnpool");
  return reshape(x, [b, c, h * w]);
}

/** Zeros `[B, C, count]`, computed from indices `[B, C, n]`, so that B may be open in a model. */
function zerosLike(indices: Tensor, count: number): Tensor {
  const one = cast(mul(sliceAxis(indices, 2, 0, 1), 0), "float32");
  return pad(one, [0, 0, 0], [0, 0, count - 1]);
}

export interface PoolOptions {
  kernel: number | Pair;
  /** The kernel's size by default. */
  stride?: number | Pair;
  padding?: number | Pair;
}

/**
 * The largest value of each window of `[B, C, H, W]`; of equal ones the first gets the gradient. The result
 * has `⌊(H + 2·padding - kernel) / stride⌋ + 1` rows; padding is never the maximum.
 *
 * @throws AfterimageError `tensor/shape` when a window does not fit into the padded picture, or the padding
 * is more than half of it.
 */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return apply(maxPoolOperator, [x], poolAttrs(options))[0];
}

/** Largest values, and the places that they are from. */
export interface PoolWithIndices {
  /** `[B, C, OH, OW]` */
  values: Tensor;
  /** The place of each value in its channel's map, `row · W + column`: int64 `[B, C, OH, OW]`. */
  indices: Tensor;
}

/** {@link maxPool} with the places of the largest values, for {@link maxUnpool}; of equal ones the first. */
export function maxPoolWithIndices(x: Tensor, options: PoolOptions): PoolWithIndices {
  const [values, places] = apply(maxPoolOperator, [x], poolAttrs(options));
  const [, , h, w] = shapeOf(x, 4, "maxPoolWithIndices");
  // ONNX counts through all maps of the batch, one after another.
  const earlier = mul(div(places, h * w), h * w);
  return { values, indices: sub(places, earlier) };
}

export interface UnpoolOptions extends PoolOptions {
  /**
   * Height and width of the result, less than a stride away from the default,
   * `(OH - 1)·stride - 2·padding + kernel`: pooling leads from several sizes to one.
   */
  size?: Pair;
}

/**
 * The partial inverse of {@link maxPoolWithIndices}, as PyTorch's MaxUnpool2d: x `[B, C, OH, OW]` goes to the
 * places that the largest values were from, and all others are 0.
 *
 * @param indices int64 `[B, C, OH, OW]`.
 * @param options those of the pooling. Its windows must not overlap, because two values could then have one
 * place.
 * @throws AfterimageError `tensor/shape` when x and indices differ, windows overlap, or the size is none that
 * the pooling leads from.
 */
export function maxUnpool(x: Tensor, indices: Tensor, options: UnpoolOptions): Tensor {
  const attrs = poolAttrs(options);
  const { kernel, stride, padding } = attrs;
  const [, , ...places] = shapeOf(x, 4, "maxUnpool");
  const usual = heightAndWidth((i) => (places[i] - 1) * stride[i] - 2 * padding[i] + kernel[i]);
  return apply1(maxUnpoolOperator, [x, indices], { ...attrs, size: options.size ?? usual });
}

/**
 * The mean of each window, padding counted as zeros, as PyTorch's default; shapes and errors as
 * {@link maxPool}.
 */
export function averagePool(x: Tensor, options: PoolOptions): Tensor {
  return apply1(averagePoolOperator, [x], poolAttrs(options));
}

function poolAttrs({ kernel, stride, padding }: PoolOptions): PoolAttrs {
  return { kernel: asPair(kernel), stride: asPair(stride ?? kernel), padding: asPair(padding ?? 0) };
}

function pooledShape(name: string, x: Tensor, { kernel, stride, padding }: PoolAttrs): Shape {
  requireType(name, FLOAT, [x]);
  const unfit = `[B, C, H, W] with room for windows of ${kernel}, padding ${padding} at most half of them, stride ${stride}`;
  if (x.rank !== 4) throw shapeError(name, unfit, [x]);
  const [b, c, ...places] = shapeOf(x, 4, name);
  const size = heightAndWidth((i) => Math.floor((places[i] + 2 * padding[i] - kernel[i]) / stride[i]) + 1);
  const ok =
    size.every((s) => s >= 1) &&
    [...kernel, ...stride].every((n) => n >= 1) &&
    heightAndWidth((i) => padding[i] >= 0 && 2 * padding[i] <= kernel[i]).every(Boolean);
  if (!ok) throw shapeError(name, unfit, [x]);
  return [b, c, ...size];
}

function onnxAttributes({ kernel, stride, padding }: PoolAttrs) {
  return {
    kernel_shape: kernel,
    strides: stride,
    pads: [...padding, ...padding],
  };
}
