/** The block of a vision transformer, with timm's parameter names. */
import { add, gelu, sizeOfAxis, type Tensor } from "../tensor/index.ts";
import { type AttentionOptions, type AttentionResult, attention } from "./attention.ts";
import { dropPath } from "./dropout.ts";
import { zeros } from "./initializers.ts";
import { layerNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";
import { type BlockInit, TIMM_BLOCK } from "./transformer-init.ts";

/**
 * Attention and an MLP of 4·D, each after a layer norm and with its residual: tokens `[B, T, D]` to the same.
 * Dosovitskiy et al. 2020, arXiv 2010.11929, equations 2 and 3.
 *
 * @param heads of the attention; they divide D.
 * @param rate of drop-path, in [0, 1).
 * @param options of the attention; `init` of the MLP too.
 */
export function transformerBlock(
  scope: Scope,
  x: Tensor,
  heads: number,
  rate = 0,
  options: AttentionOptions = {},
): AttentionResult {
  const { tokens, weights } = attention(scope.at("attn"), layerNorm(scope.at("norm1"), x), heads, options);
  const y = scope.labelled(() => add(x, dropPath(scope.at("drop_path1"), tokens, rate)));
  const hidden = mlp(scope.at("mlp"), layerNorm(scope.at("norm2"), y), options.init);
  return { tokens: scope.labelled(() => add(y, dropPath(scope.at("drop_path2"), hidden, rate))), weights };
}

/** Blocks `0`, `1`, … one after another. */
export function transformerBlocks(
  scope: Scope,
  x: Tensor,
  depth: number,
  heads: number,
  options: AttentionOptions = {},
): Tensor {
  let tokens = x;
  for (let index = 0; index < depth; index++)
    ({ tokens } = transformerBlock(scope.at(index), tokens, heads, 0, options));
  return tokens;
}

function mlp(scope: Scope, x: Tensor, init: BlockInit = TIMM_BLOCK): Tensor {
  const width = sizeOfAxis(x, -1, "transformerBlock");
  const first = { out: 4 * width, weightInit: init.linear, biasInit: zeros };
  const hidden = linear(scope.at("fc1"), x, first);
  const active = scope.at("act").labelled(() => gelu(hidden));
  return linear(scope.at("fc2"), active, { out: width, weightInit: init.residual, biasInit: zeros });
}
