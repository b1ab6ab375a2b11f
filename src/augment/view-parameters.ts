/**
 * The parameters of one view of one picture, as floats: the graph's input. Except for the crop, the graph's
 * matrices are linear in them.
 */
import type { RandomStream } from "../random/random-stream.ts";
import { drawView, type ViewDraw } from "./draw-view.ts";
import { jitterSlots, SLOT_COUNT } from "./jitter-slots.ts";
import type { PictureSize } from "./random-crop.ts";
import type { ViewSpec } from "./view-spec.ts";

const AFTER_SLOTS = 6 + 3 * SLOT_COUNT;

/** The position of each parameter. */
export const PARAMETER = {
  /** Top, left; then height, width: pixels of the canvas. */
  start: 0,
  extent: 2,
  /** 0 or 1 for the vertical (never drawn) and the horizontal flip. */
  flip: 4,
  /** Three floats for each slot, as in `Slot`. */
  slots: 6,
  turns: AFTER_SLOTS,
  hueShift: AFTER_SLOTS + 2,
  hueSign: AFTER_SLOTS + 3,
  /** 0 or 1. */
  greyscale: AFTER_SLOTS + 4,
  /** 1 / (2σ²), in 1 / pixels². */
  blur: AFTER_SLOTS + 5,
  /** The threshold; for pictures that are not solarised, above every value. */
  solarize: AFTER_SLOTS + 6,
} as const;

/** Floats per picture and view. */
export const PARAMETER_COUNT = AFTER_SLOTS + 7;

/**
 * The value of `blur` for pictures that are not blurred: so narrow a Gaussian that only its middle remains.
 */
export const NO_BLUR = 1e9;
const NEVER = 1e3;

/**
 * Draws one view of one picture and writes its parameters to `out[offset …]`, {@link PARAMETER_COUNT} floats.
 * The same stream gives the same floats.
 *
 * @param picture the valid rectangle of the canvas, at least 1 by 1.
 */
export function drawViewParameters(
  spec: ViewSpec,
  picture: PictureSize,
  random: RandomStream,
  out: Float32Array,
  offset: number,
): void {
  writeViewParameters(spec, drawView(spec, picture, random), out, offset);
}

/** Writes a view that has been drawn (or chosen) to `out[offset …]`. */
export function writeViewParameters(spec: ViewSpec, draw: ViewDraw, out: Float32Array, offset: number): void {
  const { top, left, height, width } = draw.crop;
  const { slots, turns, hueShift, hueSign } = jitterSlots(draw.jitter);
  out.set([top, left, height, width], offset + PARAMETER.start);
  out.set([0, draw.flip ? 1 : 0], offset + PARAMETER.flip);
  out.set(slots.flat(), offset + PARAMETER.slots);
  out.set(turns, offset + PARAMETER.turns);
  out[offset + PARAMETER.hueShift] = hueShift;
  out[offset + PARAMETER.hueSign] = hueSign;
  out[offset + PARAMETER.greyscale] = draw.greyscale ? 1 : 0;
  out[offset + PARAMETER.blur] = draw.sigma === null ? NO_BLUR : 1 / (2 * draw.sigma ** 2);
  out[offset + PARAMETER.solarize] =
    draw.solarize && spec.solarize !== null ? spec.solarize.threshold : NEVER;
}
