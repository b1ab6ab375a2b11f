import type { Preprocessing } from "../augment/preprocessing.ts";

/** How an encoder sees pictures, in a line. */
export function preprocessingText(
  imageSize: number,
  { interpolation, cropShare, normalize: { mean, std } }: Preprocessing,
): string {
  const part = cropShare === 1 ? "the central square" : `the middle ${(100 * cropShare).toFixed(1)} %`;
  const colours = `mean ${mean.join(", ")}, deviation ${std.join(", ")}`;
  return `sees ${part} of a picture at ${imageSize} × ${imageSize} pixels, ${interpolation}; ${colours}`;
}
