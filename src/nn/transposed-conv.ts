/** Transposed convolutions with weights, in two dimensions and in one. */
import {
  add,
  type ConvolutionOptions,
  reshape,
  shapeOf,
  sizeOfAxis,
  type Tensor,
  transposedConvolution,
} from "../tensor/index.ts";
import { fanInUniform, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

export interface TransposedConvOptions extends ConvolutionOptions {
  out: number;
  /** Height and width of the filters, or one number for both. */
  kernel: number | readonly [number, number];
  /** Rows and columns at the end of the result, fewer than the stride. Default 0. */
  outputPadding?: number | readonly [number, number];
  /** Default true, as in PyTorch. */
  bias?: boolean;
  weightInit?: Initializer;
  biasInit?: Initializer;
}

/**
 * Transposed convolution of `[B, C, H, W]` to `[B, out, OH, OW]`, sizes as in the tensor's
 * `transposedConvolution`, as PyTorch's ConvTranspose2d. Variables `weight` `[C, out/groups, KH, KW]` and
 * `bias` `[out]`; both start as there, U(±1/√(out/groups·KH·KW)), by default.
 *
 * @throws AfterimageError `tensor/shape` when channels do not divide into the groups, or for an output
 * padding of the stride and more.
 */
export function transposedConv(scope: Scope, x: Tensor, options: TransposedConvOptions): Tensor {
  const { out, kernel, bias = true, weightInit, biasInit, ...geometry } = options;
  return scope.labelled(() => {
    const each = out / (geometry.groups ?? 1);
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const initial = fanInUniform(each * height * width);
    const shape = [sizeOfAxis(x, 1, "transposedConv"), each, height, width];
    const y = transposedConvolution(x, scope.parameter("weight", shape, weightInit ?? initial), geometry);
    if (!bias) return y;
    const shift = scope.parameter("bias", [out], biasInit ?? initial, { decays: false });
    return add(y, reshape(shift, [1, out, 1, 1]));
  });
}

export interface TransposedConv1dOptions {
  out: number;
  kernel: number;
  /** Default 1. */
  stride?: number;
  /** Zeros that a convolution would have added on either side. Default 0. */
  padding?: number;
  /** Samples at the end of the result, fewer than the stride. Default 0. */
  outputPadding?: number;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: number;
  groups?: number;
  /** Default true. */
  bias?: boolean;
}

/**
 * Transposed convolution of sequences `[B, C, T]` to `[B, out, T']` with
 * T' = (T - 1)·stride - 2·padding + dilation·(kernel - 1) + 1 + outputPadding, as PyTorch's ConvTranspose1d.
 * Variables `weight` `[C, out/groups, kernel]` and `bias` `[out]`, which start as those of
 * {@link transposedConv}.
 *
 * @throws AfterimageError `tensor/shape` as {@link transposedConv}.
 */
export function transposedConv1d(scope: Scope, x: Tensor, options: TransposedConv1dOptions): Tensor {
  const { out, kernel, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  return scope.labelled(() => {
    const [b, c, t] = shapeOf(x, 3, "transposedConv1d");
    const each = out / groups;
    const initial = fanInUniform(each * kernel);
    const weight = scope.parameter("weight", [c, each, kernel], initial);
    const y = transposedConvolution(reshape(x, [b, c, 1, t]), reshape(weight, [c, each, 1, kernel]), {
      stride: [1, stride],
      padding: [0, padding],
      dilation: [1, dilation],
      outputPadding: [0, outputPadding],
      groups,
    }); // [B, out, 1, T']
    const line = reshape(y, [b, out, sizeOfAxis(y, 3, "transposedConv1d")]);
    if (options.bias === false) return line;
    const shift = scope.parameter("bias", [out], initial, { decays: false });
    return add(line, reshape(shift, [1, out, 1]));
  });
}
