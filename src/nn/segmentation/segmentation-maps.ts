import { AfterimageError } from "../../errors.ts";
import type { Tensor } from "../../tensor/index.ts";

/** Maps of a convolutional backbone that segmentation heads start from. */
export interface SegmentationMaps {
  /** The map behind the first layers, before pooling, `[B, C, H, W]`. U-Net uses it where it is larger. */
  stem?: Tensor;
  /** The maps after each stage, the largest first. */
  stages?: readonly Tensor[];
}

/** What every head is told. */
export interface HeadOptions {
  /** K, the logits of a pixel. */
  classes: number;
  /** Height and width of the pictures, and of the logits. */
  size: readonly [number, number];
}

/**
 * The last maps of a backbone, the last one first.
 *
 * @throws AfterimageError `train/network` for a backbone that does not give as many, such as a transformer.
 */
export function lastStages({ stages = [] }: SegmentationMaps, count: number, head: string): Tensor[] {
  if (stages.length >= count) return stages.slice(-count).reverse();
  throw new AfterimageError("train/network", {
    what: `${head} starts from the maps of a convolutional backbone`,
    expected: `${count} of them`,
    got: `${stages.length}`,
    todo: "Use a ResNet, or a head for the patches of a transformer.",
  });
}
