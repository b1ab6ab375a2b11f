/** The multilayer perceptron between an encoder and its loss: a projection head, or a predictor. */
import { relu, type Tensor } from "../tensor/index.ts";
import { batchNorm, groupNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";
import { standardizeFilters } from "./standardize-filters.ts";

export interface ProjectionHeadOptions {
  layers: number;
  /** Hidden width. */
  width: number;
  out: number;
  /**
   * Whether there is batch norm; without it the layers have biases. `group`: group norm instead, with all
   * layers' weights standardised, so that the pictures of a batch do not depend on each other (Richemond et
   * al. 2020, arXiv 2010.10241).
   */
  norm?: boolean | "group";
  /** Whether the last layer is normalised too (SimCLR: yes, google-research/simclr `model_util.py`). */
  lastNorm?: boolean;
  /** Whether that last normalisation, if it is batch norm, has a scale and a bias, or only a scale. */
  lastAffine?: boolean | "scale";
  /** Whether the last layer has a bias if it is not normalised. */
  lastBias?: boolean;
}

/**
 * `[B, D]` to `[B, out]`: `layers` × (linear without bias, norm), ReLU between. Variables `i.linear`,
 * `i.norm`.
 */
export function projectionHead(scope: Scope, x: Tensor, options: ProjectionHeadOptions): Tensor {
  const { layers, width, out, norm = true, lastNorm = true, lastAffine = true, lastBias = true } = options;
  const weights = norm === "group" ? { filters: standardizeFilters } : {};
  let y = x;
  for (let index = 0; index < layers; index++) {
    const last = index === layers - 1;
    const at = scope.at(index);
    const normed = norm !== false && (!last || lastNorm);
    y = linear(at.at("linear"), y, {
      out: last ? out : width,
      bias: !normed && (!last || lastBias),
      ...weights,
    });
    if (normed && norm === "group") y = groupNorm(at.at("norm"), y);
    else if (normed) y = batchNorm(at.at("norm"), y, { affine: last ? lastAffine : true });
    if (!last) y = relu(y);
  }
  return y;
}
