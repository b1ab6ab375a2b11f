import { add, shapeOf, sizeOfAxis, type Tensor } from "../../tensor/index.ts";
import { dropout } from "../dropout.ts";
import { zeros } from "../initializers.ts";
import { conv } from "../layers.ts";
import type { Scope } from "../scope.ts";
import { convBlock } from "./conv-block.ts";
import { type HeadOptions, lastStages, type SegmentationMaps } from "./segmentation-maps.ts";
import { type Upsampling, upsampleMap } from "./upsample-map.ts";

export interface FcnOptions extends HeadOptions {
  /** Pixels between two places of the finest map that is scored: 32, 16 or 8. Default 8. */
  stride?: 32 | 16 | 8;
  upsampling?: Upsampling;
}

/** Number of maps that are scored. */
const MAPS = { 32: 1, 16: 2, 8: 3 } as const;

/**
 * Logits `[B, K, H, W]` of a fully convolutional network: FCN-32s scores the last map; FCN-16s and 8s add
 * scores of the maps before it, each behind an upsampling. The last map goes through a 3×3 convolution to a
 * quarter of its channels first, as in torchvision's `FCNHead`, whose names its variables have (`0`, `1`,
 * `4`); the others are scored by `score.1` and `score.2`, whose scores start at 0.
 *
 * Source: Long, Shelhamer, Darrell 2015, arXiv 1411.4038, section 4.
 *
 * @throws AfterimageError `train/network` for a backbone without so many maps.
 */
export function fcnHead(scope: Scope, maps: SegmentationMaps, options: FcnOptions): Tensor {
  const { classes, size, stride = 8, upsampling } = options;
  const [deepest, ...finer] = lastStages(maps, MAPS[stride], `FCN-${stride}s`);
  const channels = sizeOfAxis(deepest!, 1, "fcnHead");
  const inner = convBlock(scope, deepest!, { out: Math.max(1, Math.floor(channels / 4)), kernel: 3 });
  let scores = conv(scope.at(4), dropout(scope.at(3), inner, 0.1), { out: classes, kernel: 1, bias: true });
  for (const [i, map] of finer.entries()) {
    const [, , h, w] = shapeOf(map, 4, "fcnHead");
    const own = conv(scope.at(`score.${i + 1}`), map, {
      out: classes,
      kernel: 1,
      bias: true,
      weightInit: zeros,
    });
    scores = add(upsampleMap(scope.at(`up.${i + 1}`), scores, [h, w], upsampling), own);
  }
  return upsampleMap(scope.at("up.last"), scores, size, upsampling);
}
