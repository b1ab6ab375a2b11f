import type { ViewGroup } from "../../objectives/objective.ts";
import type { Situation } from "../../objectives/situation.ts";
import { optionValues } from "../../options/option-name.ts";

/**
 * The unit of sides, in pixels. Convolutions are fastest if the sides of their maps halve without remainder,
 * but steps of 8 are too coarse for the smallest pictures.
 */
function wholeMaps(imageSize: number): number {
  return imageSize < 24 ? 4 : 8;
}

/**
 * Side of the training views in pixels: a share of the image size, rounded to whole patches of a transformer,
 * or to multiples of 8 for a convolutional network (of 4 below 24 pixels). It is at most the image size.
 *
 * Things look larger in random crops than in whole pictures: in a whole picture of S pixels they are as large
 * as in crops of about 3/4·S. So smaller views fit evaluation better, and cost less. Source: Touvron,
 * Vedaldi, Douze, Jégou 2019, Fixing the train-test resolution discrepancy, arXiv 1906.06423.
 */
export function viewSize(
  { imageSize, multipleOf }: Pick<Situation, "imageSize" | "multipleOf">,
  share: number,
): number {
  if (share === 1) return imageSize;
  const unit = multipleOf > 1 ? multipleOf : wholeMaps(imageSize);
  return Math.min(imageSize, unit * Math.max(1, Math.round((imageSize * share) / unit)));
}

/**
 * A remark, as a clause, if all views are smaller than the pictures that the encoder sees; otherwise null.
 */
export function viewSizeRemark(
  groups: readonly ViewGroup[],
  { imageSize }: Pick<Situation, "imageSize">,
): string | null {
  const largest = Math.max(...groups.flatMap(({ views }) => views.map(({ size }) => size)));
  return largest < imageSize
    ? `training views have ${largest} pixels, the encoder sees pictures at ${imageSize} (${optionValues({ "settings.viewScale": 1 })}: views as large)`
    : null;
}
