import { concat, shapeOf, type Tensor } from "../../tensor/index.ts";
import { conv } from "../layers.ts";
import type { Scope } from "../scope.ts";
import { convBlock } from "./conv-block.ts";
import { type HeadOptions, lastStages, type SegmentationMaps } from "./segmentation-maps.ts";
import { type Upsampling, upsampleMap } from "./upsample-map.ts";

export interface UnetOptions extends HeadOptions {
  /** Channels of each block, from the deepest on. Default 256, 128, 64, 32, 16. */
  channels?: readonly number[];
  /** Default `nearest`. */
  upsampling?: Upsampling;
}

/**
 * Logits `[B, K, H, W]` of a U-Net: from the last map on, block by block, an upsampling to the size of the
 * map before it, that map beside it, and two 3×3 convolutions with batch norm. The last block has the size of
 * the picture, and no map beside it.
 *
 * Variables have the names of segmentation_models.pytorch: `decoder.blocks.0.conv1.0.weight`, …,
 * `segmentation_head.0.weight`.
 *
 * Source: Ronneberger, Fischer, Brox 2015, arXiv 1505.04597, in the form of segmentation_models.pytorch.
 *
 * @throws AfterimageError `train/network` for a backbone without maps of its stages.
 */
export function unetHead(scope: Scope, maps: SegmentationMaps, options: UnetOptions): Tensor {
  const { classes, size, channels = [256, 128, 64, 32, 16], upsampling = "nearest" } = options;
  const [deepest, ...finer] = lastStages(maps, 4, "U-Net");
  const places = (map: Tensor) => {
    const [, , h, w] = shapeOf(map, 4, "unetHead");
    return [h, w] as const;
  };
  // A stem of the size of the first stage adds nothing to it.
  const isLarger = maps.stem !== undefined && places(maps.stem)[0] > places(finer.at(-1)!)[0];
  const beside = [...finer, ...(isLarger ? [maps.stem!] : [])];
  let x = deepest!;
  for (const [i, out] of channels.entries()) {
    const skip = beside[i];
    const at = scope.at(`decoder.blocks.${i}`);
    const grown = upsampleMap(at.at("up"), x, skip === undefined ? size : places(skip), upsampling);
    const both = skip === undefined ? grown : concat([grown, skip], 1);
    x = convBlock(at.at("conv2"), convBlock(at.at("conv1"), both, { out, kernel: 3 }), { out, kernel: 3 });
  }
  const head = scope.at("segmentation_head.0");
  return conv(head, x, { out: classes, kernel: 3, padding: 1, bias: true });
}
