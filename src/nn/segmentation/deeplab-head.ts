import { concat, expand, mean, shapeOf, type Tensor } from "../../tensor/index.ts";
import { dropout } from "../dropout.ts";
import { conv } from "../layers.ts";
import type { Scope } from "../scope.ts";
import { convBlock } from "./conv-block.ts";
import { type HeadOptions, lastStages, type SegmentationMaps } from "./segmentation-maps.ts";
import { type Upsampling, upsampleMap } from "./upsample-map.ts";

export interface DeeplabOptions extends HeadOptions {
  /**
   * Rates of the pyramid. Default 6, 12, 18, for an output stride of 16; the paper has 12, 24, 36 for 8.
   */
  rates?: readonly number[];
  /** Channels of the pyramid. Default 256. */
  channels?: number;
  /** Dropout behind the pyramid. Default .5. */
  drop?: number;
  upsampling?: Upsampling;
}

/**
 * Logits `[B, K, H, W]` of DeepLab v3: the last map through a pyramid of dilated convolutions and of the mean
 * over the map, and a 3×3 convolution. Variables have the names of torchvision's `DeepLabHead`:
 * `0.convs.0.0.weight`, …, `0.project.0.weight`, `1.weight`, `4.weight`.
 *
 * Source: Chen et al. 2017, arXiv 1706.05587, section 3.3.
 *
 * @throws AfterimageError `train/network` for a backbone without a map.
 */
export function deeplabHead(scope: Scope, maps: SegmentationMaps, options: DeeplabOptions): Tensor {
  const { classes, size, channels = 256, upsampling } = options;
  const [last] = lastStages(maps, 1, "DeepLab");
  const pyramid = atrousPyramid(scope.at(0), last!, options);
  const inner = convBlock(scope, pyramid, { at: 1, out: channels, kernel: 3 });
  const scores = conv(scope.at(4), inner, { out: classes, kernel: 1, bias: true });
  return upsampleMap(scope.at("up"), scores, size, upsampling);
}

/** Channels of the finer map in DeepLab v3+. */
const FINE_CHANNELS = 48;

/**
 * Logits `[B, K, H, W]` of DeepLab v3+: the pyramid of v3 brought to the size of the first stage's map, that
 * map in 48 channels beside it, and two 3×3 convolutions. Variables: `aspp.…` as in {@link deeplabHead},
 * `fine`, `decoder.0`, `decoder.3` and `decoder.6`.
 *
 * Source: Chen et al. 2018, arXiv 1802.02611, section 3.1, with plain convolutions.
 *
 * @throws AfterimageError `train/network` for a backbone without maps of its stages.
 */
export function deeplabPlusHead(scope: Scope, maps: SegmentationMaps, options: DeeplabOptions): Tensor {
  const { classes, size, channels = 256, upsampling } = options;
  const stages = lastStages(maps, 4, "DeepLab v3+");
  const [last, fine] = [stages[0]!, stages.at(-1)!];
  const [, , h, w] = shapeOf(fine, 4, "deeplabPlusHead");
  const pyramid = atrousPyramid(scope.at("aspp"), last, options);
  const grown = upsampleMap(scope.at("up.pyramid"), pyramid, [h, w], upsampling);
  const low = convBlock(scope.at("fine"), fine, { out: FINE_CHANNELS, kernel: 1 });
  const decoder = scope.at("decoder");
  const first = convBlock(decoder, concat([grown, low], 1), { out: channels, kernel: 3 });
  const second = convBlock(decoder, first, { at: 3, out: channels, kernel: 3 });
  const scores = conv(decoder.at(6), second, { out: classes, kernel: 1, bias: true });
  return upsampleMap(scope.at("up.last"), scores, size, upsampling);
}

/** The atrous spatial pyramid pooling of a map, `[B, channels, h, w]`. */
function atrousPyramid(scope: Scope, x: Tensor, options: DeeplabOptions): Tensor {
  const { rates = [6, 12, 18], channels: out = 256, drop = 0.5 } = options;
  const [b, , h, w] = shapeOf(x, 4, "atrousPyramid");
  const convs = scope.at("convs");
  const plain = convBlock(convs.at(0), x, { out, kernel: 1 });
  const dilated = rates.map((rate, i) => convBlock(convs.at(i + 1), x, { out, kernel: 3, dilation: rate }));
  const pool = convs.at(rates.length + 1);
  const all = pool.labelled(() => mean(x, [2, 3], true)); // [B, C, 1, 1]
  const pooled = expand(convBlock(pool, all, { at: 1, out, kernel: 1 }), [b, out, h, w]);
  const projected = convBlock(scope.at("project"), concat([plain, ...dilated, pooled], 1), {
    out,
    kernel: 1,
  });
  return dropout(scope, projected, drop);
}
