/** The multilayer perceptron with batch norm between a contrastive encoder and its loss. */
import { relu, type Tensor } from "../tensor/index.ts";
import { batchNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";

export interface ProjectionHeadOptions {
  layers: number;
  /** Hidden width. */
  width: number;
  out: number;
  /** Whether there is batch norm at all; without it the layers have biases. */
  norm?: boolean;
  /** Whether linear layers have a bias; by default those that no batch norm follows. */
  bias?: boolean;
  /** Whether the last layer is normalised too (SimCLR: yes, google-research/simclr `model_util.py`). */
  lastNorm?: boolean;
  /** Whether that last normalisation has a scale and a bias. */
  lastAffine?: boolean;
}

/**
 * `[B, D]` to `[B, out]`: `layers` × (linear, batch norm), ReLU between. Variables `i.linear`, `i.norm`.
 */
export function projectionHead(scope: Scope, x: Tensor, options: ProjectionHeadOptions): Tensor {
  const { layers, width, out, norm = true, lastNorm = true, lastAffine = true, bias } = options;
  let y = x;
  for (let index = 0; index < layers; index++) {
    const last = index === layers - 1;
    const at = scope.at(index);
    const normed = norm && (!last || lastNorm);
    y = linear(at.at("linear"), y, { out: last ? out : width, bias: bias ?? !normed });
    if (normed) y = batchNorm(at.at("norm"), y, { affine: !last || lastAffine });
    if (!last) y = relu(y);
  }
  return y;
}
