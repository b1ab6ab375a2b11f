import { AfterimageError } from "../errors.ts";
import { add, div, exp, maximum, mul, step, sub, sum, type Tensor } from "../tensor/index.ts";
import { LEAST, type PixelOptions, pixelClasses } from "./pixel-classes.ts";

export interface DiceOptions extends PixelOptions {
  /** Added to numerator and denominator, 0 or more. Default 1. */
  smooth?: number;
}

/**
 * One minus the soft Dice coefficient of masks, from 0 to 1: 1 - (2 Σ p·t + s) / (Σ p + Σ t + s) for each
 * class, with p the softmax and t the mask over all pixels of the batch that count; the mean over the classes
 * that occur among the labels. A small class weighs as much as a large one.
 *
 * Source: Milletari, Navab, Ahmadi 2016, arXiv 1606.04797, section 3, with sums in place of their sums of
 * squares, as Drozdzal et al. 2016, arXiv 1608.04117.
 *
 * @param logits `[B, K, H, W]`.
 * @param labels `[B, H, W]`, int32, int64 or uint8.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other; `usage/value` for another
 * smooth.
 */
export function diceLoss(logits: Tensor, labels: Tensor, options: DiceOptions = {}): Tensor {
  const { smooth = 1 } = options;
  if (!(smooth >= 0 && Number.isFinite(smooth))) {
    throw new AfterimageError("usage/value", {
      what: "the smoothing of the Dice coefficient is out of range",
      expected: "a finite number, 0 or more",
      got: `${smooth}`,
    });
  }
  const { logProbabilities, isClass } = pixelClasses("diceLoss", logits, labels, options);
  const probabilities = mul(exp(logProbabilities), sum(isClass, [-1], true));
  const overPixels = (x: Tensor) => sum(x, [0, 1, 2]); // [K]
  const common = mul(overPixels(mul(probabilities, isClass)), 2);
  const labelled = overPixels(isClass);
  const all = add(overPixels(probabilities), labelled);
  const missed = div(sub(all, common), maximum(add(all, smooth), LEAST));
  const occurs = step(labelled);
  return div(sum(mul(missed, occurs)), maximum(sum(occurs), 1));
}
