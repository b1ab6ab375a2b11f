/** Vision transformer (Dosovitskiy et al. 2020, arXiv 2010.11929) with timm's parameter names. */
import { z } from "zod";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { attention } from "../nn/attention.ts";
import { dropPath } from "../nn/dropout.ts";
import { truncatedNormal, uniform, zeros } from "../nn/initializers.ts";
import { conv, layerNorm, linear } from "../nn/layers.ts";
import type { Scope } from "../nn/scope.ts";
import { add, concat, gelu, mul, reshape, sliceAxis, type Tensor, transpose } from "../tensor/index.ts";
import { type Backbone, type BackboneOutput, MOST_CHANNELS } from "./backbone.ts";
import { resamplePositions } from "./resample-positions.ts";

export const vitSettings = z.strictObject({
  /** Height and width in pixels that the position embedding is made for. */
  imageSize: z.int().min(1).max(MOST_PIXELS),
  /** Side of a patch, in pixels. */
  patch: z.int().min(1).max(MOST_PIXELS),
  /** D, the width of every token; a multiple of `heads`. */
  width: z.int().min(1).max(MOST_CHANNELS),
  /** Blocks. */
  depth: z.int().min(1).max(256),
  /** Attention heads a block. */
  heads: z.int().min(1).max(MOST_CHANNELS),
  /** Drop-path rate of the last block, in [0, 1); earlier ones rise to it linearly. */
  dropPath: z.number().min(0).lt(1),
});
export type VitSettings = z.infer<typeof vitSettings>;

/** Sizes of timm's `vit_tiny`, `vit_small` and `vit_base`. */
export const VIT_SIZES = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
} as const;

/**
 * A vision transformer over pictures `[B, 3, H, W]`: the class token after the last norm is the feature, `[B, D]`, D =
 * width. Patches are `patch` × `patch` pixels; each of the `depth` blocks has an MLP of 4·width.
 *
 * Pictures of another size than `imageSize` (local crops) get the position embedding resampled, bicubic. Height and width
 * should be multiples of `patch`: what is left at the right and lower edge belongs to no patch and is not seen.
 *
 * Errors come from `build`: AfterimageError `tensor/shape` for pictures smaller than a patch or a width that does not
 * divide into the heads.
 *
 * @param name what runs and listings call it, with its patch size: `vit_small_patch16`.
 */
export function vit(name: string, settings: VitSettings): Backbone {
  return {
    name,
    family: "vit",
    features: settings.width,
    multipleOf: settings.patch,
    settings: { ...settings },
    build: (scope, pictures) => buildVit(scope, pictures, settings),
  };
}

function buildVit(scope: Scope, pictures: Tensor, settings: VitSettings): BackboneOutput {
  let x = embed(scope, pictures, settings);
  let weights: Tensor | undefined;
  for (let index = 0; index < settings.depth; index++) {
    const rate = settings.depth > 1 ? (settings.dropPath * index) / (settings.depth - 1) : settings.dropPath;
    const result = block(scope.at(`blocks.${index}`), x, settings.heads, rate);
    x = result.tokens;
    weights = result.weights;
  }
  const tokens = layerNorm(scope.at("norm"), x);
  const [b, , d] = tokens.shape as [number, number, number];
  return {
    features: reshape(sliceAxis(tokens, 1, 0, 1), [b, d]),
    tokens,
    ...(weights === undefined ? {} : { attention: weights }),
  };
}

/** Patches to tokens, class token in front, positions added: `[B, 3, H, W]` to `[B, 1 + N, D]`. */
function embed(scope: Scope, pictures: Tensor, { imageSize, patch, width }: VitSettings): Tensor {
  const [b, , height, wide] = pictures.shape as [number, number, number, number];
  const grid: [number, number] = [Math.floor(height / patch), Math.floor(wide / patch)];
  const side = Math.floor(imageSize / patch);
  const bound = 1 / Math.sqrt(3 * patch * patch);
  const patches = conv(scope.at("patch_embed.proj"), pictures, {
    out: width,
    kernel: patch,
    stride: patch,
    bias: true,
    weightInit: uniform(bound),
    biasInit: uniform(bound),
  }); // [B, D, GH, GW]
  return scope.at("pos_embed").labelled(() => {
    const tokens = transpose(reshape(patches, [b, width, grid[0] * grid[1]]), [0, 2, 1]); // [B, N, D]
    const free = { decays: false };
    const classToken = scope.parameter("cls_token", [1, 1, width], truncatedNormal(0.02), free);
    const positions = scope.parameter("pos_embed", [1, 1 + side * side, width], truncatedNormal(0.02), free);
    // The class token takes its batch axis from the patches, so that the exported model's batch stays open.
    const classTokens = add(mul(sliceAxis(tokens, 1, 0, 1), 0), classToken);
    return add(concat([classTokens, tokens], 1), resamplePositions(positions, side, grid));
  });
}

function block(scope: Scope, x: Tensor, heads: number, rate: number) {
  const { tokens, weights } = attention(scope.at("attn"), layerNorm(scope.at("norm1"), x), heads);
  const y = scope.labelled(() => add(x, dropPath(scope.at("drop_path1"), tokens, rate)));
  const hidden = mlp(scope.at("mlp"), layerNorm(scope.at("norm2"), y));
  return { tokens: scope.labelled(() => add(y, dropPath(scope.at("drop_path2"), hidden, rate))), weights };
}

function mlp(scope: Scope, x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  const init = { weightInit: truncatedNormal(0.02), biasInit: zeros };
  const hidden = linear(scope.at("fc1"), x, { out: 4 * width, ...init });
  const active = scope.at("act").labelled(() => gelu(hidden));
  return linear(scope.at("fc2"), active, { out: width, ...init });
}
