import type { RandomStream } from "../random/random-stream.ts";
import { type Box, type PictureSize, randomResizedCrop } from "./random-crop.ts";
import type { JitterSpec, ViewSpec } from "./view-spec.ts";

export const JITTER_PARTS = ["brightness", "contrast", "saturation", "hue"] as const;
export type JitterPart = (typeof JITTER_PARTS)[number];

/** The parts of a jitter in the order they are applied, each with its factor (hue: its shift in turns). */
export type JitterDraw = readonly { part: JitterPart; value: number }[];

/** All random numbers of one view of one picture. */
export interface ViewDraw {
  crop: Box;
  flip: boolean;
  /** Empty if there is no jitter. */
  jitter: JitterDraw;
  greyscale: boolean;
  /** In pixels; null if there is no blur. */
  sigma: number | null;
  solarize: boolean;
}

/** Draws a view. The same stream gives the same view; `picture` is the valid rectangle of the canvas. */
export function drawView(spec: ViewSpec, picture: PictureSize, random: RandomStream): ViewDraw {
  return {
    crop: randomResizedCrop(picture, spec.crop, random),
    flip: random.chance(spec.flip),
    jitter:
      spec.jitter !== null && random.chance(spec.jitter.probability) ? drawJitter(spec.jitter, random) : [],
    greyscale: random.chance(spec.greyscale),
    sigma:
      spec.blur !== null && random.chance(spec.blur.probability) ? random.uniform(...spec.blur.sigma) : null,
    solarize: spec.solarize !== null && random.chance(spec.solarize.probability),
  };
}

/** The parts that a jitter has: those whose range is not a single point. */
export function jitterParts(jitter: JitterSpec | null): readonly JitterPart[] {
  return JITTER_PARTS.filter((part) => jitter !== null && jitter[part] > 0);
}

/** Order and factors as torchvision's `ColorJitter.get_params`. */
function drawJitter(jitter: JitterSpec, random: RandomStream): JitterDraw {
  const parts = jitterParts(jitter);
  return Array.from(random.permutation(parts.length), (index) => {
    const part = parts[index]!;
    const reach = jitter[part];
    const value =
      part === "hue" ? random.uniform(-reach, reach) : random.uniform(Math.max(0, 1 - reach), 1 + reach);
    return { part, value };
  });
}
