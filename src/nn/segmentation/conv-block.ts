import { relu, type Tensor } from "../../tensor/index.ts";
import { batchNorm, type ConvOptions, conv } from "../layers.ts";
import type { Scope } from "../scope.ts";

/**
 * Convolution, batch norm and ReLU, as the modules 0, 1 and 2 of a sequence: variables `<0>.weight`,
 * `<1>.weight`, …, with `at` the number of the convolution. A kernel of odd size keeps the size of the map,
 * at any rate.
 */
export function convBlock(
  scope: Scope,
  x: Tensor,
  { at = 0, ...options }: Omit<ConvOptions, "padding" | "kernel"> & { kernel: number; at?: number },
): Tensor {
  const { kernel, dilation = 1 } = options;
  const padding = ((kernel - 1) / 2) * (dilation as number);
  const y = conv(scope.at(at), x, { ...options, padding });
  return relu(batchNorm(scope.at(at + 1), y));
}
