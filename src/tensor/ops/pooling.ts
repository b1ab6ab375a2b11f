/** Pooling over windows of `[B, C, H, W]`. */
import {
  apply,
  apply1,
  FLOAT,
  type One,
  type Operator,
  requireType,
  type Shape,
  shapeError,
  shapeOf,
  type Tensor,
  type Two,
} from "../tensor.ts";
import { heightAndWidth } from "./axes.ts";
import { asPair, transposedConvolution } from "./convolution.ts";
import { scatterAddAxis } from "./indexing.ts";
import { pad, reshape, slice } from "./movement.ts";
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
