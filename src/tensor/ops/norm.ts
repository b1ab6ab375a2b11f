/** Normalisation: layer, group and batch norm, each with a backward pass written for few passes over memory. */
import {
  apply,
  FLOAT,
  type Operator,
  requireType,
  sameShape,
  shapeError,
  sizeOfAxis,
  type Tensor,
  type Three,
} from "../tensor.ts";
import { channelAffine, channelMoments } from "./channels.ts";
import { add, div, mul, sqrt, sub } from "./elementwise.ts";
import { expand, reshape, sum } from "./movement.ts";
import { mean } from "./reduce.ts";
import { constant } from "./source.ts";

export const layerNormOperator: Operator<number, Three, Three> = {
  name: "layerNorm",
  infer(inputs) {
    requireType("layerNorm", FLOAT, inputs);
    const [x, scale, bias] = inputs;
    const width = [sizeOfAxis(x, -1, "layerNorm")];
    if (!sameShape(scale.shape, width) || !sameShape(bias.shape, width))
      throw shapeError("layerNorm", "x […, D], scale [D] and bias [D]", inputs);
    const rows = [...x.shape.slice(0, -1), 1];
    return [x, { shape: rows, dtype: "float32" }, { shape: rows, dtype: "float32" }];
  },
  gradient: {
    /*
     * x̂ = (x - μ)·r, y = x̂·γ + β. With h = g·γ:
     * dx = r·(h - mean(h) - x̂·mean(h·x̂)), dγ = Σ g·x̂, dβ = Σ g.
     * μ and r have gradients of their own when this rule is itself differentiated: dμ/dx = 1/D, dr/dx = -r²·x̂/D.
     */
    rule({ inputs: [x, scale], outputs: [, mu, inverse], grads: [g = null, gMu = null, gInverse = null] }) {
      const normal = mul(sub(x, mu), inverse);
      const width = sizeOfAxis(x, -1, "layerNorm");
      const rows = x.shape.slice(0, -1).map((_, axis) => axis);
      const ofMean = gMu && expand(div(gMu, width), x.shape);
      const ofInverse = gInverse && mul(normal, mul(gInverse, mul(mul(inverse, inverse), -1 / width)));
      const parts = [g && rowGradient(mul(g, scale), normal, inverse), ofMean, ofInverse];
      const dx = parts.filter((part) => part !== null).reduce((a, b) => add(a, b));
      return [dx, g && sum(mul(g, normal), rows), g && sum(g, rows)];
    },
  },
  emit: (e, inputs, epsilon) => e.node("LayerNormalization", inputs, { axis: -1, epsilon }, 3),
};

/** r·(h - mean(h) - x̂·mean(h·x̂)) */
function rowGradient(h: Tensor, normal: Tensor, inverse: Tensor): Tensor {
  const along = mean(mul(h, normal), [-1], true);
  return mul(sub(sub(h, mean(h, [-1], true)), mul(normal, along)), inverse);
}

/**
 * Layer norm over the last axis: `(x - mean) / √(var + ε) · scale + bias`, x `[…, D]`, scale and bias `[D]`.
 * The variance is the biased one. Ba, Kiros, Hinton 2016, arXiv 1607.06450.
 *
 * @throws AfterimageError `tensor/shape` when scale or bias do not have the width of x.
 */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-6): Tensor {
  return apply(layerNormOperator, [x, scale, bias], epsilon)[0];
}

/**
 * Group norm of `[B, C, …]` over `groups` groups of channels; scale and bias `[C]`.
 * Wu and He 2018, arXiv 1803.08494.
 *
 * @throws AfterimageError `tensor/shape` when the channels do not divide into the groups.
 */
export function groupNorm(x: Tensor, scale: Tensor, bias: Tensor, groups: number, epsilon = 1e-5): Tensor {
  const [b, c] = [sizeOfAxis(x, 0, "groupNorm"), sizeOfAxis(x, 1, "groupNorm")];
  if (c % groups !== 0) throw shapeError("groupNorm", `channels that divide into ${groups} groups`, [x]);
  const width = x.size / (b * groups);
  const ones = constant(new Float32Array(width).fill(1), [width]);
  const zeros = constant(new Float32Array(width), [width]);
  const normal = layerNorm(reshape(x, [b, groups, width]), ones, zeros, epsilon);
  const perChannel = [1, c, ...x.shape.slice(2).map(() => 1)];
  return add(mul(reshape(normal, x.shape), reshape(scale, perChannel)), reshape(bias, perChannel));
}

export interface BatchNormResult {
  y: Tensor;
  /** Mean of the batch per channel, `[C]`. */
  mean: Tensor;
  /** Biased variance of the batch per channel, `[C]`. */
  variance: Tensor;
}

/**
 * Batch norm of `[B, C, …]` with the batch's own statistics; scale and bias `[C]`.
 * Ioffe and Szegedy 2015, arXiv 1502.03167.
 *
 * Written with one factor and one summand for each channel, whose derivatives too are sums and factors by channel:
 * backward is `a·g + b·x + c` with a, b, c `[C]`.
 *
 * @throws AfterimageError `tensor/shape` when x has no axis of channels, or scale and bias are not `[C]`.
 */
export function batchNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): BatchNormResult {
  const { mean, variance } = channelMoments(x);
  return { y: batchNormWith(x, scale, bias, { mean, variance }, epsilon), mean, variance };
}

/** Batch norm with given statistics, as in evaluation: `(x - mean) / √(variance + ε) · scale + bias`. */
export function batchNormWith(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  statistics: { mean: Tensor; variance: Tensor },
  epsilon = 1e-5,
): Tensor {
  const gain = div(scale, sqrt(add(statistics.variance, epsilon)));
  return channelAffine(x, gain, sub(bias, mul(statistics.mean, gain)));
}
