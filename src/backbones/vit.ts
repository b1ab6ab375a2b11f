/** Vision transformer (Dosovitskiy et al. 2020, arXiv 2010.11929) with timm's parameter names. */
import { normal, truncatedNormal } from "../nn/initializers.ts";
import { conv, layerNorm } from "../nn/layers.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { Scope } from "../nn/scope.ts";
import { sincosPositions } from "../nn/sincos-positions.ts";
import { type BlockOptions, transformerBlock } from "../nn/transformer-block.ts";
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
 * pixels; each of the `depth` blocks has an MLP of 4·width, unless the settings say otherwise.
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
    const options = { ...blockOptions(settings), init };
    const result = transformerBlock(scope.at(`blocks.${index}`), x, settings.heads, rate, options);
    x = result.tokens;
    weights = result.weights;
  }
  const tokens = layerNorm(scope.at("norm"), x, settings.epsilon);
  const [b, t, d] = shapeOf(tokens, 3, "vit");
  const seen = { tokens, ...(weights === undefined ? {} : { attention: weights }) };
  const { classToken = true, registers = 0 } = settings;
  const before = (classToken ? 1 : 0) + registers;
  const patches = before === 0 ? tokens : sliceAxis(tokens, 1, before, t);
  if (!classToken) return { features: mean(patches, [1]), patches, ...seen };
  return { features: reshape(sliceAxis(tokens, 1, 0, 1), [b, d]), patches, ...seen };
}

function blockOptions({ layerScale, mlp, mlpWidth, qkvBias, epsilon }: VitSettings): BlockOptions {
  return {
    ...(layerScale !== undefined && { layerScale }),
    ...(mlp !== undefined && { mlp }),
    ...(mlpWidth !== undefined && { mlpWidth }),
    ...(qkvBias !== undefined && { qkvBias }),
    ...(epsilon !== undefined && { epsilon }),
  };
}

/**
 * Patches to tokens with positions, after the class token if there is one and the registers if there are any:
 * `[B, 3, H, W]` to `[B, 1 + R + n, D]`, n of N patches.
 */
function embed(
  scope: Scope,
  pictures: Tensor,
  settings: VitSettings,
  { visible, masked }: TokenOptions,
): Tensor {
  const { patch, width, classToken: hasClass = true, registers = 0 } = settings;
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
    // Other tokens take their batch axis from the patches, so that the exported model's batch stays open.
    const forEach = (token: Tensor) => add(mul(sliceAxis(tokens, 1, 0, 1), 0), token);
    const before: Tensor[] = [];
    if (hasClass) {
      const classToken = scope.parameter("cls_token", [1, 1, width], init.classToken, { decays: false });
      before.push(add(forEach(classToken), sliceAxis(positions, 1, 0, 1)));
    }
    if (registers > 0) before.push(forEach(registerTokens(scope, registers, width)));
    return before.length === 0 ? seen : concat([...before, seen], 1);
  });
}

/** `[1, R, D]`; they start as in facebookresearch/dinov2 `vision_transformer.py`, N(0, 1e-6²). */
function registerTokens(scope: Scope, registers: number, width: number): Tensor {
  return scope.parameter("reg_token", [1, registers, width], normal(1e-6), { decays: false });
}

/** The position embedding of a grid of patches, the class token's first if there is one: `[1, 1 + N, D]`. */
function positionsOf(
  scope: Scope,
  { imageSize, patch, width, positions: kind = "learned", classToken = true, resampling }: VitSettings,
  grid: readonly [number, number],
): Tensor {
  const side = Math.floor(imageSize / patch);
  const shape = [1, (classToken ? 1 : 0) + side * side, width];
  const fixed = () => sincosPositions(side, width).slice(classToken ? 0 : width);
  const known =
    kind === "learned"
      ? scope.parameter("pos_embed", shape, truncatedNormal(0.02), { decays: false })
      : scope.fixed("pos_embed", shape, fixed);
  return resamplePositions(known, side, grid, resampling);
}

function hidePatches(tokens: Tensor, { where, token }: NonNullable<TokenOptions["masked"]>): Tensor {
  const hidden = reshape(where, [...where.shape, 1]); // [B, N, 1]
  return add(mul(tokens, sub(1, hidden)), mul(token, hidden));
}
