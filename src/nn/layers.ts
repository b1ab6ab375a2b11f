/** The layers with weights, each a function of a scope and a tensor. Names are those of PyTorch's modules. */
import {
  add,
  affine,
  batchNorm as batchNormOf,
  batchNormWith,
  type ConvolutionOptions,
  convolution,
  full,
  groupNorm as groupNormOf,
  layerNorm as layerNormOf,
  mul,
  sizeOfAxis,
  type Tensor,
} from "../tensor/index.ts";
import { fanInUniform, type Initializer, kaimingFanOut, ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

export interface LinearOptions {
  out: number;
  bias?: boolean;
  weightInit?: Initializer;
  biasInit?: Initializer;
  /** Changes the weight before it is used, such as by standardising it. */
  filters?: (weight: Tensor) => Tensor;
}

/**
 * `x · weightᵀ + bias`: `[…, I]` to `[…, out]`. Variables `weight` `[out, I]`, `bias` `[out]`; both start as
 * in PyTorch's Linear, U(±1/√I), by default.
 *
 * @throws AfterimageError `tensor/shape` when the scope's weight was declared for another width.
 */
export function linear(
  scope: Scope,
  x: Tensor,
  { out, bias = true, weightInit, biasInit, filters }: LinearOptions,
): Tensor {
  return scope.labelled(() => {
    const fanIn = sizeOfAxis(x, -1, "linear");
    const weight = scope.parameter("weight", [out, fanIn], weightInit ?? fanInUniform(fanIn));
    const shift = bias
      ? scope.parameter("bias", [out], biasInit ?? fanInUniform(fanIn), { decays: false })
      : null;
    return affine(x, filters?.(weight) ?? weight, shift);
  });
}

export interface ConvOptions extends ConvolutionOptions {
  out: number;
  /** Height and width of the filters, or one number for both. */
  kernel: number | readonly [number, number];
  bias?: boolean;
  weightInit?: Initializer;
  biasInit?: Initializer;
  /** Changes the weight before it is used, such as by standardising it. */
  filters?: (weight: Tensor) => Tensor;
}

/**
 * Convolution of `[B, C, H, W]` to `[B, out, OH, OW]`, sizes as in the tensor's `convolution`. Variables
 * `weight` `[out, C/groups, KH, KW]` and, if asked for, `bias` `[out]`; the weight starts as torchvision's
 * ResNet's.
 *
 * @throws AfterimageError `tensor/shape` when channels do not divide into the groups, or a window does not
 * fit into the padded picture.
 */
export function conv(scope: Scope, x: Tensor, options: ConvOptions): Tensor {
  const {
    out,
    kernel,
    bias = false,
    weightInit = kaimingFanOut,
    biasInit = zeros,
    filters,
    ...geometry
  } = options;
  return scope.labelled(() => {
    const inputs = sizeOfAxis(x, 1, "conv") / (geometry.groups ?? 1);
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const weight = scope.parameter("weight", [out, inputs, height, width], weightInit);
    const shift = bias ? scope.parameter("bias", [out], biasInit, { decays: false }) : undefined;
    return convolution(x, filters?.(weight) ?? weight, geometry, shift);
  });
}

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** The weight of the new batch in the running statistics, in [0, 1], as in PyTorch. Default 0.1. */
  momentum?: number;
  /** Whether there are a learned scale and bias, or only a scale. */
  affine?: boolean | "scale";
  scaleInit?: Initializer;
}

/**
 * Batch norm of `[B, C]` or `[B, C, H, W]`: batch statistics while training, running ones in evaluation.
 * Variables `weight`, `bias`, `running_mean`, `running_var`, each `[C]`; the running variance is unbiased.
 * Called twice in a step it moves the running statistics twice. Ioffe and Szegedy 2015, arXiv 1502.03167.
 *
 * @throws AfterimageError `tensor/shape` when x has no axis of channels.
 */
export function batchNorm(scope: Scope, x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { epsilon = 1e-5, momentum = 0.1, affine: learned = true, scaleInit = ones } = options;
  return scope.labelled(() => {
    const c = sizeOfAxis(x, 1, "batchNorm");
    const free = { decays: false };
    const scale = learned === false ? full([c], 1) : scope.parameter("weight", [c], scaleInit, free);
    const bias = learned === true ? scope.parameter("bias", [c], zeros, free) : full([c], 0);
    const runningMean = scope.state("running_mean", [c], zeros);
    const runningVariance = scope.state("running_var", [c], ones);
    if (!scope.training) {
      return batchNormWith(x, scale, bias, { mean: runningMean, variance: runningVariance }, epsilon);
    }
    const { y, mean, variance } = batchNormOf(x, scale, bias, epsilon);
    const count = x.size / c;
    const blend = (old: Tensor, fresh: Tensor, share: number) =>
      add(mul(old, 1 - momentum), mul(fresh, share));
    scope.setState("running_mean", blend(runningMean, mean, momentum));
    scope.setState(
      "running_var",
      blend(runningVariance, variance, (momentum * count) / Math.max(1, count - 1)),
    );
    return y;
  });
}

/**
 * Layer norm of `[…, D]` over the last axis; `epsilon` is timm's for ViTs, PyTorch's own default is 1e-5.
 * Variables `weight` and `bias`, `[D]`. Ba, Kiros, Hinton 2016, arXiv 1607.06450.
 */
export function layerNorm(scope: Scope, x: Tensor, epsilon = 1e-6): Tensor {
  return scope.labelled(() => {
    const d = sizeOfAxis(x, -1, "layerNorm");
    const scale = scope.parameter("weight", [d], ones, { decays: false });
    return layerNormOf(x, scale, scope.parameter("bias", [d], zeros, { decays: false }), epsilon);
  });
}

export interface GroupNormOptions {
  /**
   * Default 16, as in Richemond et al. 2020 (arXiv 2010.10241), or fewer if the channels do not divide into
   * them.
   */
  groups?: number;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  scaleInit?: Initializer;
}

/**
 * Group norm of `[B, C, …]`. Variables `weight` and `bias`, `[C]`. Wu and He 2018, arXiv 1803.08494.
 *
 * @throws AfterimageError `tensor/shape` when the channels do not divide into the groups.
 */
export function groupNorm(scope: Scope, x: Tensor, options: GroupNormOptions = {}): Tensor {
  const c = sizeOfAxis(x, 1, "groupNorm");
  const { groups = groupsOf(c), epsilon = 1e-5, scaleInit = ones } = options;
  return scope.labelled(() => {
    const scale = scope.parameter("weight", [c], scaleInit, { decays: false });
    return groupNormOf(x, scale, scope.parameter("bias", [c], zeros, { decays: false }), groups, epsilon);
  });
}

/** The number of groups, with at least two channels in each. */
function groupsOf(channels: number): number {
  return [16, 8, 4, 2].find((groups) => channels % groups === 0 && channels > groups) ?? 1;
}
