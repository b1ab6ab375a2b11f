/** Number, size and area of crops by the size of the pictures, for methods with crops of two sizes. */
import type { Situation } from "../../objectives/situation.ts";

/**
 * Side of a local crop: 3/7 of the image size (96 of 224), in whole patches of a ViT, or in steps of 4 pixels
 * for a ResNet.
 */
export function localSizeFor({ imageSize, multipleOf }: Situation): number {
  const unit = multipleOf > 1 ? multipleOf : 4;
  return Math.max(unit, Math.round((imageSize * 3) / 7 / unit) * unit);
}

/**
 * Local crops per picture: the authors' number for large pictures, 0 if a local crop would be a few pixels
 * wide.
 */
export function localCropsFor({ imageSize }: Situation, authors: number): number {
  if (imageSize >= 128) return authors;
  return imageSize < 48 ? 0 : 4;
}

/**
 * Range of a global crop's area, as a share of the picture: the authors' if there are local crops. Local
 * crops show small things. Without them, the range starts at .14 (help of `--global_crops_scale` in DINO's
 * `main_dino.py`, default of iBOT's `main_ibot.py`).
 */
export function globalScaleFor(situation: Situation, authors: number): [number, number] {
  return [localCropsFor(situation, 1) === 0 ? 0.14 : authors, 1];
}
