import { fitInside } from "./shrink.ts";

/** A picture longer than this many times its shorter side is cropped to its middle. */
export const LONGEST_RATIO = 3;

/** The size of a picture on its canvas, in pixels, and whether its ends are left out. */
export interface CanvasSize {
  height: number;
  width: number;
  cropped: boolean;
}

/**
 * The size of a picture on a canvas of `side`. A picture larger than the canvas is shrunk to fit, in
 * proportion; a smaller one keeps its size.
 *
 * Views and evaluation use squares and near-squares, which are no larger than the shorter side. So a picture
 * of more than {@link LONGEST_RATIO}:1 that has to shrink keeps only its middle of 3:1: its shorter side then
 * has a third of the canvas, where a panorama of 20:1 would have a twentieth. The central square that
 * evaluation uses is the same.
 */
export function canvasSize(height: number, width: number, side: number): CanvasSize {
  const [long, short] = [Math.max(height, width), Math.min(height, width)];
  if (long <= side || long <= LONGEST_RATIO * short)
    return { ...fitInside(height, width, side), cropped: false };
  const keptShort = Math.max(1, Math.min(short, Math.round(side / LONGEST_RATIO)));
  const keptLong = Math.min(side, LONGEST_RATIO * keptShort);
  return height < width
    ? { height: keptShort, width: keptLong, cropped: true }
    : { height: keptLong, width: keptShort, cropped: true };
}
