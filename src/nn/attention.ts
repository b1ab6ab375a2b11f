/** Multi-head self-attention, with timm's parameter names. */
import {
  add,
  constant,
  matmul,
  reshape,
  shapeOf,
  softmax,
  split,
  type Tensor,
  transpose,
} from "../tensor/index.ts";
import { zeros } from "./initializers.ts";
import { linear } from "./layers.ts";
import type { Scope } from "./scope.ts";
import { type BlockInit, TIMM_BLOCK } from "./transformer-init.ts";

export interface AttentionResult {
  /** `[B, T, D]` */
  tokens: Tensor;
  /** Attention of every head, `[B, H, T, T]`; rows add up to 1. */
  weights: Tensor;
}

export interface AttentionOptions {
  /** Whether a token sees only itself and earlier tokens. */
  causal?: boolean;
  /** The initial values of its layers; timm's by default. */
  init?: BlockInit;
  /** Whether queries, keys and values have a bias (the default). */
  qkvBias?: boolean;
}

/**
 * `softmax(q·kᵀ/√d)·v` in `heads` heads over tokens `[B, T, D]` (Vaswani et al. 2017, arXiv 1706.03762, eq.
 * 1). Variables `qkv.weight` `[3D, D]`, `qkv.bias`, `proj.weight` `[D, D]`, `proj.bias`.
 *
 * @throws AfterimageError `tensor/shape` when D does not divide into the heads.
 */
export function attention(
  scope: Scope,
  tokens: Tensor,
  heads: number,
  { causal = false, init = TIMM_BLOCK, qkvBias: bias = true }: AttentionOptions = {},
): AttentionResult {
  const [b, t, d] = shapeOf(tokens, 3, "attention");
  const qkv = linear(scope.at("qkv"), tokens, { out: 3 * d, bias, weightInit: init.qkv, biasInit: zeros });
  const { mixed, weights } = scope.labelled(() => {
    const perHead = transpose(reshape(qkv, [b, t, 3, heads, d / heads]), [2, 0, 3, 1, 4]); // [3, B, H, T, d]
    const [q, k, v] = split(perHead, 0, [1, 1, 1]).map((part) => reshape(part, [b, heads, t, d / heads]));
    const scores = matmul(q!, k!, { transposeB: true, alpha: (d / heads) ** -0.5 });
    const attentionWeights = softmax(causal ? add(scores, laterTokens(t)) : scores); // [B, H, T, T]
    const values = matmul(attentionWeights, v!); // [B, H, T, d]
    return { mixed: reshape(transpose(values, [0, 2, 1, 3]), [b, t, d]), weights: attentionWeights };
  });
  const proj = linear(scope.at("proj"), mixed, { out: d, weightInit: init.residual, biasInit: zeros });
  return { tokens: proj, weights };
}

/** A term added to scores `[…, T, T]`, so that the weights of later tokens are 0. */
function laterTokens(t: number): Tensor {
  const hidden = Array.from({ length: t * t }, (_, i) => (i % t > Math.floor(i / t) ? -1e9 : 0));
  return constant(hidden, [t, t]);
}
