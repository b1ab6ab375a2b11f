import type { ViewGroup } from "../../objectives/objective.ts";
import type { Situation } from "../../objectives/situation.ts";
import { optionValues } from "../../options/option-name.ts";

/**
 * Convolutions are fastest where the sides of their maps halve without a rest, but steps of 8 are coarse for
 * the smallest.
 */
function wholeMaps(imageSize: number): number {
  return imageSize < 24 ? 4 : 8;
}

/**
 * Side of the training views in pixels: a share of the image size, in whole patches of a transformer, in
 * multiples of 8 for a convolutional network (of 4 below 24 pixels), and the image size itself at most.
 *
 * Random crops show things larger than whole pictures do: an encoder that is given whole pictures of S pixels
 * sees things as large as in crops of about 3/4·S. So smaller views fit evaluation better, and cost less.
 * Source: Touvron, Vedaldi, Douze, Jégou 2019, Fixing the train-test resolution discrepancy, arXiv
 * 1906.06423.
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
 * What its user should know of views that are all smaller than the pictures that the encoder sees, as a
 * clause.
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
