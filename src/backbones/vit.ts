/** Vision transformer (Dosovitskiy et al. 2020, arXiv 2010.11929) with timm's parameter names. */
import { truncatedNormal } from "../nn/initializers.ts";
import { conv, layerNorm } from "../nn/layers.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { Scope } from "../nn/scope.ts";
import { sincosPositions } from "../nn/sincos-positions.ts";
import { transformerBlock } from "../nn/transformer-block.ts";
import {
  add,
  concat,
  mean,
  mul,
  reshape,
  shapeOf,
  sizeOfAxis,
  sliceAxis,
  sub,
  type Tensor,
  transpose,
} from "../tensor/index.ts";
import type { Backbone, BackboneOutput, TokenOptions } from "./backbone.ts";
import { resamplePositions } from "./resample-positions.ts";
import { VIT_INITS } from "./vit-init.ts";
import type { VitSettings } from "./vit-settings.ts";

/**
 * A vision transformer over pictures `[B, 3, H, W]`: the feature, `[B, D]`, D = width, is the class token
 * after the last norm, or the mean of the patches if there is no class token. Patches are `patch` × `patch`
 * pixels; each of the `depth` blocks has an MLP of 4·width.
 *
 * Pictures of another size than `imageSize` (local crops) get the position embedding resampled, bicubic.
 * Height and width should be multiples of `patch`: pixels left over at the right and lower edge belong to no
 * patch and are not seen.
 *
 * Errors come from `build`: AfterimageError `tensor/shape` for pictures smaller than a patch or a width that
 * does not divide into the heads.
 *
 * @param name its name in runs and listings, with its patch size: `vit_small_patch16`.
 */
export function vit(name: string, settings: VitSettings): Backbone {
  return {
    name,
    family: "vit",
    features: settings.width,
    multipleOf: settings.patch,
    batchNorm: false,
    layers: [...Array.from({ length: settings.depth }, (_, index) => `blocks.${index}`), "norm"],
    finalNorm: "norm",
    settings: { ...settings },
    build: (scope, pictures, tokens) => buildVit(scope, pictures, settings, tokens),
  };
}

function buildVit(
  scope: Scope,
  pictures: Tensor,
  settings: VitSettings,
  options: TokenOptions = {},
): BackboneOutput {
  let x = embed(scope, pictures, settings, options);
  let weights: Tensor | undefined;
  for (let index = 0; index < settings.depth; index++) {
    const rate = settings.depth > 1 ? (settings.dropPath * index) / (settings.depth - 1) : settings.dropPath;
    const init = VIT_INITS[settings.init ?? "timm"].block(index);
    const result = transformerBlock(scope.at(`blocks.${index}`), x, settings.heads, rate, { init });
    x = result.tokens;
    weights = result.weights;
  }
  const tokens = layerNorm(scope.at("norm"), x);
  const [b, t, d] = shapeOf(tokens, 3, "vit");
  const seen = { tokens, ...(weights === undefined ? {} : { attention: weights }) };
  if (settings.classToken === false) return { features: mean(tokens, [1]), patches: tokens, ...seen };
  const features = reshape(sliceAxis(tokens, 1, 0, 1), [b, d]);
  return { features, patches: sliceAxis(tokens, 1, 1, t), ...seen };
}

/**
 * Patches to tokens, class token in front if there is one, positions added: `[B, 3, H, W]` to
 * `[B, 1 + n, D]`, n of N patches.
 */
function embed(
  scope: Scope,
  pictures: Tensor,
  settings: VitSettings,
  { visible, masked }: TokenOptions,
): Tensor {
  const { patch, width, classToken: hasClass = true } = settings;
  const [b, , height, wide] = shapeOf(pictures, 4, "vit");
  const grid: [number, number] = [Math.floor(height / patch), Math.floor(wide / patch)];
  const init = VIT_INITS[settings.init ?? "timm"];
  const fanIn = sizeOfAxis(pictures, 1, "vit") * patch * patch;
  const patches = conv(scope.at("patch_embed.proj"), pictures, {
    out: width,
    kernel: patch,
    stride: patch,
    bias: true,
    weightInit: init.patch(fanIn),
    biasInit: init.patchBias(fanIn),
  }); // [B, D, GH, GW]
  return scope.at("pos_embed").labelled(() => {
    const all = transpose(reshape(patches, [b, width, grid[0] * grid[1]]), [0, 2, 1]); // [B, N, D]
    const tokens = masked === undefined ? all : hidePatches(all, masked);
    const positions = positionsOf(scope, settings, grid); // [1, 1 + N, D]
    const placed = add(tokens, sliceAxis(positions, 1, hasClass ? 1 : 0, sizeOfAxis(positions, 1, "vit")));
    const seen = visible === undefined ? placed : pickTokens(placed, visible);
    if (!hasClass) return seen;
    const classToken = scope.parameter("cls_token", [1, 1, width], init.classToken, { decays: false });
    // The class token takes its batch axis from the patches, so that the exported model's batch stays open.
    const classTokens = add(mul(sliceAxis(tokens, 1, 0, 1), 0), classToken);
    return concat([add(classTokens, sliceAxis(positions, 1, 0, 1)), seen], 1);
  });
}

/** The position embedding of a grid of patches, the class token's first if there is one: `[1, 1 + N, D]`. */
function positionsOf(
  scope: Scope,
  { imageSize, patch, width, positions: kind = "learned", classToken = true }: VitSettings,
  grid: readonly [number, number],
): Tensor {
  const side = Math.floor(imageSize / patch);
  const shape = [1, (classToken ? 1 : 0) + side * side, width];
  const fixed = () => sincosPositions(side, width).slice(classToken ? 0 : width);
  const known =
    kind === "learned"
      ? scope.parameter("pos_embed", shape, truncatedNormal(0.02), { decays: false })
      : scope.fixed("pos_embed", shape, fixed);
  return resamplePositions(known, side, grid);
}

function hidePatches(tokens: Tensor, { where, token }: NonNullable<TokenOptions["masked"]>): Tensor {
  const hidden = reshape(where, [...where.shape, 1]); // [B, N, 1]
  return add(mul(tokens, sub(1, hidden)), mul(token, hidden));
}
