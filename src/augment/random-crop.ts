import type { RandomStream } from "../random/random-stream.ts";
import { roundHalfEven } from "./round-half-even.ts";
import type { CropSpec } from "./view-spec.ts";

/** Height and width of a picture, in pixels; it is in the top left corner of its canvas. */
export interface PictureSize {
  height: number;
  width: number;
}

/** A rectangle of whole pixels. */
export interface Box extends PictureSize {
  top: number;
  left: number;
}

const TRIES = 10;

/**
 * The box of a random resized crop: up to ten random areas and aspect ratios (uniform in the logarithm) until
 * one fits the picture. If none does, the largest central box within the ratios.
 *
 * Source: torchvision `transforms.RandomResizedCrop.get_params`; Szegedy et al. 2015, arXiv 1409.4842,
 * section 6.
 */
export function randomResizedCrop(picture: PictureSize, crop: CropSpec, random: RandomStream): Box {
  const [lowRatio, highRatio] = crop.ratio.map(Math.log) as [number, number];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = picture.height * picture.width * random.uniform(...crop.scale);
    const ratio = Math.exp(random.uniform(lowRatio, highRatio));
    const width = roundHalfEven(Math.sqrt(area * ratio));
    const height = roundHalfEven(Math.sqrt(area / ratio));
    if (width > 0 && width <= picture.width && height > 0 && height <= picture.height) {
      const top = random.integer(0, picture.height - height + 1);
      const left = random.integer(0, picture.width - width + 1);
      return { top, left, height, width };
    }
  }
  return centralBox(picture, crop.ratio);
}

function centralBox({ height, width }: PictureSize, [low, high]: CropSpec["ratio"]): Box {
  const ratio = width / height;
  const box = {
    height: ratio < low ? Math.max(1, roundHalfEven(width / low)) : height,
    width: ratio > high ? Math.max(1, roundHalfEven(height * high)) : width,
  };
  return {
    top: Math.floor((height - box.height) / 2),
    left: Math.floor((width - box.width) / 2),
    ...box,
  };
}
