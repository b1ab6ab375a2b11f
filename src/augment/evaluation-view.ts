/** The view for evaluation: nothing in it is random. */
import { constant, mul, sliceAxis, sub, type Tensor } from "../tensor/index.ts";
import { cropResize } from "./interpolation.ts";
import { roundHalfEven } from "./round-half-even.ts";
import type { Interpolation, Normalization } from "./view-spec.ts";

export interface EvaluationSpec {
  /** Height and width of the view, in pixels. */
  size: number;
  interpolation: Interpolation;
  normalize: Normalization | null;
}

/** Top, left, height and width, in pixels of the canvas. */
export type EvaluationBox = [number, number, number, number];

/**
 * The central square of a picture `height` × `width`, placed as torchvision's `center_crop` places it.
 *
 * @param share its side as a share of the picture's shorter side: 1 for all of it, .875 for ImageNet's "256
 * to 224".
 */
export function evaluationBox(height: number, width: number, share = 1): EvaluationBox {
  const side = Math.max(1, Math.round(share * Math.min(height, width)));
  return [roundHalfEven((height - side) / 2), roundHalfEven((width - side) / 2), side, side];
}

/**
 * The box of every picture, resized (antialiased) and normalised.
 *
 * @param pictures uint8 `[B, 3, S, S]`, each in the top left corner of its canvas.
 * @param boxes float32 `[B, 4]`, rows as {@link evaluationBox} gives them.
 * @returns float32 `[B, 3, size, size]`.
 */
export function evaluationView(
  pictures: Tensor,
  boxes: Tensor,
  { size, interpolation, normalize }: EvaluationSpec,
): Tensor {
  const region = { start: sliceAxis(boxes, 1, 0, 2), extent: sliceAxis(boxes, 1, 2, 4), flip: null };
  const view = cropResize(pictures, region, size, interpolation);
  if (normalize === null) return view;
  const perChannel = (values: readonly number[]) => constant(values, [3, 1, 1]);
  return mul(sub(view, perChannel(normalize.mean)), perChannel(normalize.std.map((std) => 1 / std)));
}
