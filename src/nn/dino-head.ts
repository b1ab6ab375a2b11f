/**
 * DINO's projection head: an MLP to a bottleneck, L2 norm, and a weight-normalised linear map to K
 * prototypes.
 */
import { affine, div, gelu, mul, reshape, sqrt, sum, type Tensor } from "../tensor/index.ts";
import { fanInUniform, ones, truncatedNormal, zeros } from "./initializers.ts";
import { l2Normalize } from "./l2-normalize.ts";
import { batchNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";

export interface DinoHeadOptions {
  /** Linear layers before the last one, 1 or more. */
  layers: number;
  /** Hidden width. */
  width: number;
  /** Width of the vector that is L2-normalised before the last layer. */
  bottleneck: number;
  /** K, the number of outputs. */
  out: number;
  /**
   * Batch norm between the layers (the authors use it for ResNets trained with SGD at large batches only).
   */
  batchNorm: boolean;
  /** Whether the lengths of the last layer's rows stay 1 (`norm_last_layer`). */
  normLastLayer: boolean;
}

/**
 * `[…, D]` to logits `[…, K]`, as `DINOHead` in facebookresearch/dino `vision_transformer.py`. Variables
 * `mlp.0`, `mlp.2`, … as there (indices count the activations between), `last_layer.weight_v`
 * `[K, bottleneck]` and `last_layer.weight_g` `[K, 1]`.
 */
export function dinoHead(scope: Scope, x: Tensor, options: DinoHeadOptions): Tensor {
  return dinoLastLayer(scope, dinoBottleneck(scope, x, options), options);
}

/**
 * The head up to its last layer: `[…, D]` to rows of length 1, `[…, bottleneck]`. With batch norm x is
 * `[B, D]`.
 */
export function dinoBottleneck(scope: Scope, x: Tensor, options: DinoHeadOptions): Tensor {
  const { layers, width, bottleneck } = options;
  const init = { weightInit: truncatedNormal(0.02), biasInit: zeros };
  const stride = options.batchNorm ? 3 : 2;
  let y = x;
  for (let index = 0; index < layers; index++) {
    const last = index === layers - 1;
    y = linear(scope.at(`mlp.${index * stride}`), y, { out: last ? bottleneck : width, ...init });
    if (last) continue;
    if (options.batchNorm) y = batchNorm(scope.at(`mlp.${index * stride + 1}`), y);
    const active = y;
    y = scope.at(`mlp.${index * stride + stride - 1}`).labelled(() => gelu(active));
  }
  return l2Normalize(y);
}

/**
 * The head's last layer: `[…, bottleneck]` to `[…, K]`, `x · (g·v/‖v‖)ᵀ` with rows v of length ‖v‖ (Salimans
 * and Kingma 2016, arXiv 1602.07868). It is linear, so the mean of its outputs is its output for the mean.
 */
export function dinoLastLayer(scope: Scope, x: Tensor, options: DinoHeadOptions): Tensor {
  const { bottleneck, out, normLastLayer } = options;
  const last = scope.at("last_layer");
  const v = last.parameter("weight_v", [out, bottleneck], fanInUniform(bottleneck));
  const g = normLastLayer
    ? last.fixed("weight_g", [out, 1], ones)
    : last.parameter("weight_g", [out, 1], ones);
  return last.labelled(() => {
    const length = reshape(sqrt(sum(mul(v, v), [1])), [out, 1]);
    return affine(x, mul(v, div(g, length)), null);
  });
}
