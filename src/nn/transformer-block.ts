/** The block of a vision transformer, with timm's parameter names. */
import { add, gelu, mul, silu, sizeOfAxis, split, type Tensor } from "../tensor/index.ts";
import { type AttentionOptions, type AttentionResult, attention } from "./attention.ts";
import { dropPath } from "./dropout.ts";
import { constantInitializer, zeros } from "./initializers.ts";
import { layerNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";
import { TIMM_BLOCK } from "./transformer-init.ts";

export interface BlockOptions extends AttentionOptions {
  /** Added to the variance by the layer norms. Default 1e-6. */
  epsilon?: number;
  /**
   * The first value of learned factors of what is added, `ls1.gamma` and `ls2.gamma` `[D]`. Default: none.
   */
  layerScale?: number;
  /** The MLP: GELU (the default) or SwiGLU. */
  mlp?: "swiglu";
  /** Hidden features of the MLP; those of SwiGLU after its gate. Default 4·D. */
  mlpWidth?: number;
}

/**
 * Attention and an MLP of 4·D, each after a layer norm and with its residual: tokens `[B, T, D]` to the same.
 * Dosovitskiy et al. 2020, arXiv 2010.11929, equations 2 and 3.
 *
 * @param heads of the attention; they divide D.
 * @param rate of drop-path, in [0, 1).
 * @param options `init` is that of attention and MLP.
 */
export function transformerBlock(
  scope: Scope,
  x: Tensor,
  heads: number,
  rate = 0,
  options: BlockOptions = {},
): AttentionResult {
  const { epsilon, layerScale } = options;
  const { tokens, weights } = attention(
    scope.at("attn"),
    layerNorm(scope.at("norm1"), x, epsilon),
    heads,
    options,
  );
  const seen = scaled(scope.at("ls1"), tokens, layerScale);
  const y = scope.labelled(() => add(x, dropPath(scope.at("drop_path1"), seen, rate)));
  const hidden = mlp(scope.at("mlp"), layerNorm(scope.at("norm2"), y, epsilon), options);
  const thought = scaled(scope.at("ls2"), hidden, layerScale);
  return { tokens: scope.labelled(() => add(y, dropPath(scope.at("drop_path2"), thought, rate))), weights };
}

/** Touvron et al. 2021, arXiv 2103.17239, equation 3: `[B, T, D]` times `[D]`. */
function scaled(scope: Scope, x: Tensor, start: number | undefined): Tensor {
  if (start === undefined) return x;
  return scope.labelled(() => {
    const width = sizeOfAxis(x, -1, "transformerBlock");
    return mul(x, scope.parameter("gamma", [width], constantInitializer(start), { decays: false }));
  });
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

function mlp(scope: Scope, x: Tensor, options: BlockOptions): Tensor {
  const width = sizeOfAxis(x, -1, "transformerBlock");
  const { mlp: kind, mlpWidth = 4 * width, init = TIMM_BLOCK } = options;
  const gated = kind === "swiglu";
  const first = { out: gated ? 2 * mlpWidth : mlpWidth, weightInit: init.linear, biasInit: zeros };
  const hidden = linear(scope.at("fc1"), x, first);
  const active = scope.at("act").labelled(() => (gated ? swiglu(hidden, mlpWidth) : gelu(hidden)));
  return linear(scope.at("fc2"), active, { out: width, weightInit: init.residual, biasInit: zeros });
}

/**
 * SiLU of the first half times the second (Shazeer 2020, arXiv 2002.05202, equation 6): `[B, T, 2F]` to F.
 */
function swiglu(hidden: Tensor, width: number): Tensor {
  const [gate, value] = split(hidden, 2, [width, width]);
  return mul(silu(gate!), value!);
}
