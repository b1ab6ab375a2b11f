/** Number, size and area of crops by the size of the pictures, for methods with crops of two sizes. */
import type { Situation } from "../../objectives/situation.ts";

/**
 * Side of a local crop: 3/7 of the image size (96 of 224), in whole patches; for a ResNet in steps of 4
 * pixels.
 */
export function localSizeFor({ imageSize, multipleOf }: Situation): number {
  const unit = multipleOf > 1 ? multipleOf : 4;
  return Math.max(unit, Math.round((imageSize * 3) / 7 / unit) * unit);
}

/**
 * Local crops per picture: the authors' number for large pictures, 0 where a local crop would be a few pixels
 * wide.
 */
export function localCropsFor({ imageSize }: Situation, authors: number): number {
  if (imageSize >= 128) return authors;
  return imageSize < 48 ? 0 : 4;
}

/**
 * Area of a global crop, as a share. The authors' where there are local crops. Without these, which show what
 * is small, from .14 on (help of `--global_crops_scale` in DINO's `main_dino.py`, default of iBOT's
 * `main_ibot.py`).
 */
export function globalScaleFor(situation: Situation, authors: number): [number, number] {
  return [localCropsFor(situation, 1) === 0 ? 0.14 : authors, 1];
}
