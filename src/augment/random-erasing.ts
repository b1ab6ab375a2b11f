/**
 * Random erasing: a box of a view is replaced by noise or by the mean colour (Zhong et al. 2017, arXiv
 * 1708.04896).
 */
import { AfterimageError } from "../errors.ts";
import type { RandomStream } from "../random/random-stream.ts";
import { sameShape, type Tensor, where } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { BOX_PARAMETERS, boxMask } from "./box-mask.ts";
import { roundHalfEven } from "./round-half-even.ts";

export interface ErasingSpec {
  /** Probability that a picture loses a box, 0 to 1. */
  probability: number;
  /** The range of the box's share of the picture's area, above 0 and up to 1. */
  area: readonly [number, number];
  /** The range of its height / width, uniform in the logarithm. */
  ratio: readonly [number, number];
  /**
   * `noise`: a standard normal number for each pixel and channel; `mean`: 0, the mean colour of normalised
   * pictures.
   */
  fill: "noise" | "mean";
}

/** timm's `RandomErasing` in its mode `pixel`, as MAE is fine-tuned. */
export const ERASING: ErasingSpec = {
  probability: 0.25,
  area: [0.02, 1 / 3],
  ratio: [0.3, 1 / 0.3],
  fill: "noise",
};

const TRIES = 10;

/**
 * Draws the box of one picture: top, left, bottom, right in pixels, bottom and right not inside of it; four
 * zeros for none. There are ten tries at a box that is smaller than the picture in both directions.
 *
 * Source: timm's `data/random_erasing.py`.
 *
 * @param size height and width of the view, in pixels.
 * @throws AfterimageError `usage/value` for settings out of range.
 */
export function drawErasing(
  spec: ErasingSpec,
  size: number,
  random: RandomStream,
): [number, number, number, number] {
  checkErasing(spec);
  const [low, high] = spec.ratio.map(Math.log) as [number, number];
  if (!random.chance(spec.probability)) return [0, 0, 0, 0];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = size ** 2 * random.uniform(...spec.area);
    const ratio = Math.exp(random.uniform(low, high));
    const height = roundHalfEven(Math.sqrt(area * ratio));
    const width = roundHalfEven(Math.sqrt(area / ratio));
    if (height >= size || width >= size) continue;
    const [top, left] = [random.integer(0, size - height + 1), random.integer(0, size - width + 1)];
    return [top, left, top + height, left + width];
  }
  return [0, 0, 0, 0];
}

/**
 * Views with their boxes erased; what is outside of a box stays as it is to the bit.
 *
 * @param views float32 `[B, C, S, S]`, normalised.
 * @param boxes float32 `[B, 4]`, rows as {@link drawErasing} gives them.
 * @param noise float32 `[B, C, S, S]`, what the boxes are filled with; 0 if left out.
 * @throws AfterimageError `tensor/shape` when these do not fit each other.
 */
export function erasePictures(views: Tensor, boxes: Tensor, noise?: Tensor): Tensor {
  const [b, , size, width] = views.shape as [number, number, number, number];
  const fits =
    views.rank === 4 &&
    size === width &&
    sameShape(boxes.shape, [b, BOX_PARAMETERS]) &&
    (noise === undefined || sameShape(noise.shape, views.shape));
  if (!fits) {
    const expected = "square views [B, C, S, S], boxes [B, 4], and noise of the views' shape";
    throw shapeError("erasePictures", expected, [views, boxes, ...(noise === undefined ? [] : [noise])]);
  }
  return where(boxMask(boxes, size), noise ?? 0, views);
}

function checkErasing({ probability, area, ratio }: ErasingSpec): void {
  const isRange = ([low, high]: readonly [number, number], most: number) =>
    low > 0 && low <= high && high <= most && Number.isFinite(high);
  const faults: [boolean, string, string, unknown][] = [
    [!(probability >= 0 && probability <= 1), "probability", "a number from 0 to 1", probability],
    [!isRange(area, 1), "area", "two shares above 0, 1 or less, the first not larger", area],
    [!isRange(ratio, Number.MAX_VALUE), "ratio", "two numbers above 0, the first not larger", ratio],
  ];
  const fault = faults.find(([isWrong]) => isWrong);
  if (fault === undefined) return;
  const [, setting, expected, got] = fault;
  throw new AfterimageError("usage/value", {
    what: "a setting of random erasing is out of range",
    where: setting,
    expected,
    got: String(got),
  });
}
