/** Heads on the patches of a vision transformer. */
import { reshape, shapeOf, type Tensor, transpose } from "../../tensor/index.ts";
import { shapeError } from "../../tensor/tensor.ts";
import { normal } from "../initializers.ts";
import { batchNorm, conv } from "../layers.ts";
import type { Scope } from "../scope.ts";
import { convBlock } from "./conv-block.ts";
import type { HeadOptions } from "./segmentation-maps.ts";
import { type Upsampling, upsampleMap } from "./upsample-map.ts";

export interface PatchHeadOptions extends HeadOptions {
  /** Side of a patch, in pixels. */
  patch: number;
  upsampling?: Upsampling;
}

/**
 * Logits `[B, K, H, W]` that are linear in the features of a patch: batch norm and a 1×1 convolution on the
 * map of patches. Variables `bn.…` and `conv.…`. As the linear segmentation of DINOv2 and DINOv3.
 *
 * @param patches `[B, N, D]`, row by row.
 * @throws AfterimageError `tensor/shape` when the patches do not fill the pictures.
 */
export function linearPatchHead(scope: Scope, patches: Tensor, options: PatchHeadOptions): Tensor {
  const { classes, size, upsampling } = options;
  const map = batchNorm(scope.at("bn"), mapOfPatches(patches, options));
  const weights = { out: classes, kernel: 1, bias: true, weightInit: normal(0.01) };
  return upsampleMap(scope.at("up"), conv(scope.at("conv"), map, weights), size, upsampling);
}

/**
 * Logits `[B, K, H, W]` of convolutions on the map of patches: at each of `channels` a 3×3 convolution with
 * batch norm and ReLU and an upsampling by 2, up to half the size of the picture; then a 1×1 convolution.
 * Variables `blocks.0.0.weight`, …, `conv.…`. As the progressive upsampling of SETR (Zheng et al. 2020, arXiv
 * 2012.15840, section 3.3).
 *
 * @param patches `[B, N, D]`, row by row.
 * @throws AfterimageError `tensor/shape` when the patches do not fill the pictures.
 */
export function convPatchHead(
  scope: Scope,
  patches: Tensor,
  options: PatchHeadOptions & { channels?: readonly number[] },
): Tensor {
  const { classes, size, upsampling, channels = [256, 128, 64] } = options;
  let x = mapOfPatches(patches, options);
  for (const [i, out] of channels.entries()) {
    x = convBlock(scope.at(`blocks.${i}`), x, { out, kernel: 3 });
    const [, , h, w] = shapeOf(x, 4, "convPatchHead");
    const next = [Math.min(2 * h, size[0]), Math.min(2 * w, size[1])] as const;
    x = upsampleMap(scope.at(`blocks.${i}.up`), x, next, upsampling);
  }
  const scores = conv(scope.at("conv"), x, { out: classes, kernel: 1, bias: true });
  return upsampleMap(scope.at("up"), scores, size, upsampling);
}

/** `[B, N, D]` to `[B, D, h, w]`. */
function mapOfPatches(patches: Tensor, { size, patch }: PatchHeadOptions): Tensor {
  const [b, n, d] = shapeOf(patches, 3, "patch head");
  const [h, w] = [Math.floor(size[0] / patch), Math.floor(size[1] / patch)];
  if (h * w !== n) throw shapeError("patch head", `${h} × ${w} patches of ${patch} pixels`, [patches]);
  return reshape(transpose(patches, [0, 2, 1]), [b, d, h, w]);
}
