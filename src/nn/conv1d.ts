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
}

/**
 * Cross-correlation of sequences `[B, C, T]` to `[B, out, T']` with T' = ⌊(T + 2·padding - kernel) / stride⌋
 * + 1, as PyTorch's Conv1d. Variables `weight` `[out, C, kernel]` and `bias` `[out]`, both of which start at
 * U(±1/√(C·kernel)).
 *
 * @throws AfterimageError `tensor/shape` when the kernel is longer than the padded sequence.
 */
export function conv1d(scope: Scope, x: Tensor, options: Conv1dOptions): Tensor {
  const { out, kernel, stride = 1, padding = 0 } = options;
  return scope.labelled(() => {
    const [b, c, t] = shapeOf(x, 3, "conv1d");
    const initial = fanInUniform(c * kernel);
    const weight = scope.parameter("weight", [out, c, kernel], initial);
    const bias = scope.parameter("bias", [out], initial, { decays: false });
    const y = convolution(
      reshape(x, [b, c, 1, t]),
      reshape(weight, [out, c, 1, kernel]),
      { stride: [1, stride], padding: [0, padding] },
      bias,
    ); // [B, out, 1, T']
    return reshape(y, [b, out, sizeOfAxis(y, 3, "conv1d")]);
  });
}
