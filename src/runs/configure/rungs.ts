/**
 * The sizes that a run may have, from cheap to expensive. A run takes the most expensive size for which it
 * has time to train the epochs that its pictures need.
 */
import { knownBackbones, optionsKnownTo } from "../../backbones/index.ts";
import { completeMethod } from "../../methods/complete-method.ts";
import type { Method } from "../../objectives/method.ts";
import type { Choices } from "./configure.ts";

export interface Rung {
  /** Height and width of a training view, in pixels. */
  imageSize: number;
  /** The width of a ResNet; absent for others. */
  widthMultiplier?: number;
}

/**
 * For photographs. SimCLR, pictures a second on one core of the reference machine (batch 64): 48 pixels at
 * half width 122, 64 at half 82, 96 at half 44, 48 at full width 33, 64 at full 25. Smaller pictures are not
 * cheaper: below 48 pixels the network needs its CIFAR stem, which does not reduce the size (32 pixels at
 * half width: 35).
 */
const RESNET: readonly Rung[] = [
  { imageSize: 48, widthMultiplier: 0.25 },
  { imageSize: 48, widthMultiplier: 0.5 },
  { imageSize: 64, widthMultiplier: 0.5 },
  { imageSize: 96, widthMultiplier: 0.5 },
  { imageSize: 96, widthMultiplier: 1 },
  { imageSize: 128, widthMultiplier: 1 },
  { imageSize: 160, widthMultiplier: 1 },
];
/** 64 patches up to 64 pixels, 144 at 96, 64 of 16 pixels at 128, 196 at 224. */
const VIT: readonly Rung[] = [{ imageSize: 32 }, { imageSize: 64 }, { imageSize: 96 }, { imageSize: 128 }];

const WIDTHS = [0.25, 0.5, 1] as const;
/** Smaller pictures are used at their own size, and only widths differ. */
export const SMALLEST_PHOTOGRAPH = 48;
const LEAST_IMAGE_SIZE = 16;
/** Image sizes are multiples of this, so that they divide into patches and halves. */
const UNIT = 4;

/**
 * The rungs that agree with the user's choices and do not enlarge pictures. At least one, the cheapest first.
 */
export function rungsFor(choices: Choices, method: Method, side: number | null): Rung[] {
  const name = choices.backbone ?? completeMethod(method).backbone;
  const isVit = knownBackbones().find((entry) => entry.name === name)?.family === "vit";
  const hasWidths = "widthMultiplier" in optionsKnownTo(name, { widthMultiplier: 1 });
  const width = choices.backboneOptions?.widthMultiplier;
  const sizes = sizedRungs(isVit ? VIT : RESNET, choices.imageSize, largestFor(side));
  if (!hasWidths) return distinct(sizes.map(({ imageSize }) => ({ imageSize })));
  return distinct(width === undefined ? sizes : sizes.map((rung) => ({ ...rung, widthMultiplier: width })));
}

/** The rungs of one size only, or those that do not enlarge pictures. */
function sizedRungs(ladder: readonly Rung[], asked: number | undefined, largest: number): Rung[] {
  if (asked !== undefined) return widthsAt(asked);
  const fitting = ladder.filter(({ imageSize }) => imageSize <= largest);
  return largest < SMALLEST_PHOTOGRAPH || fitting.length === 0 ? widthsAt(largest) : fitting;
}

function widthsAt(imageSize: number): Rung[] {
  return WIDTHS.map((widthMultiplier) => ({ imageSize, widthMultiplier }));
}

function largestFor(side: number | null): number {
  if (side === null) return Number.POSITIVE_INFINITY;
  return Math.max(LEAST_IMAGE_SIZE, UNIT * Math.floor(side / UNIT));
}

function distinct(rungs: readonly Rung[]): Rung[] {
  const texts = rungs.map((rung) => JSON.stringify(rung));
  return rungs.filter((_, i) => texts.indexOf(texts[i]!) === i);
}
