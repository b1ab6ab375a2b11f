import type { Situation } from "./method.ts";

/**
 * Side of the training views in pixels: a share of the image size, in whole patches.
 *
 * Random crops show things larger than whole pictures do: an encoder that is given whole pictures of S pixels sees things as
 * large as in crops of about 3/4·S. Smaller views so cost less and fit evaluation better.
 * Source: Touvron, Vedaldi, Douze, Jégou 2019, Fixing the train-test resolution discrepancy, arXiv 1906.06423.
 */
export function viewSize({ imageSize, multipleOf }: Situation, share: number): number {
  return multipleOf * Math.max(1, Math.round((imageSize * share) / multipleOf));
}
