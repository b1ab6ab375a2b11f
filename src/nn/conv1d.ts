/** Convolution along one axis, for sequences. */
import { convolution, reshape, shapeOf, sizeOfAxis, type Tensor } from "../tensor/index.ts";
import { fanInUniform } from "./initializers.ts";
import type { Scope } from "./scope.ts";

export interface Conv1dOptions {
  out: number;
  kernel: number;
  /** Default 1. */
  stride?: number;
  /** Zeros added on either side. Default 0. */
  padding?: number;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: number;
  /** Default 1. */
  groups?: number;
}

/**
 * Cross-correlation of sequences `[B, C, T]` to `[B, out, T']` with
 * T' = ⌊(T + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1, as PyTorch's Conv1d. Variables `weight`
 * `[out, C/groups, kernel]` and `bias` `[out]`, both of which start at U(±1/√(C/groups·kernel)).
 *
 * @throws AfterimageError `tensor/shape` when the kernel is longer than the padded sequence, or channels do
 * not divide into the groups.
 */
export function conv1d(scope: Scope, x: Tensor, options: Conv1dOptions): Tensor {
  const { out, kernel, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return scope.labelled(() => {
    const [b, c, t] = shapeOf(x, 3, "conv1d");
    const initial = fanInUniform((c / groups) * kernel);
    const weight = scope.parameter("weight", [out, c / groups, kernel], initial);
    const bias = scope.parameter("bias", [out], initial, { decays: false });
    const y = convolution(
      reshape(x, [b, c, 1, t]),
      reshape(weight, [out, c / groups, 1, kernel]),
      { stride: [1, stride], padding: [0, padding], dilation: [1, dilation], groups },
      bias,
    ); // [B, out, 1, T']
    return reshape(y, [b, out, sizeOfAxis(y, 3, "conv1d")]);
  });
}
