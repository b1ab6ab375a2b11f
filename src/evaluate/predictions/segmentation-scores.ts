/** Scores of predicted masks, all from 0 to 1. They are functions of the confusion matrix of pixels. */
import { AfterimageError } from "../../errors.ts";
import type { ConfusionCounts } from "./confusion-counts.ts";

/** Scores of one class; NaN where nothing says what it should be. */
export interface MaskScores {
  /** Pixels with this label. */
  pixels: number;
  /** CPA, the share of its pixels that are predicted as it, TP / (TP + FN); NaN without such pixels. */
  accuracy: number;
  /** TP / (TP + FP + FN); NaN for a class that neither labels nor predictions have. */
  iou: number;
  /** 2·TP / (2·TP + FP + FN), as the F1 score; NaN as `iou`. */
  dice: number;
}

export interface SegmentationScores {
  /** Pixels that were counted. */
  pixels: number;
  /** PA: the share of pixels whose prediction is their label. Large classes decide it. */
  pixelAccuracy: number;
  /** MPA: the mean of the classes' accuracies. */
  meanAccuracy: number;
  /** MIoU: the mean of the classes' IoU. */
  meanIou: number;
  /** FWIoU: the mean of the classes' IoU, each as often as its label occurs. */
  frequencyWeightedIou: number;
  meanDice: number;
  /** The scores of each class. */
  byClass: MaskScores[];
}

/**
 * PA, MPA, MIoU, FWIoU and Dice of all pixels that were counted, as one matrix (and not as means of
 * pictures).
 *
 * A score that is 0 / 0 is NaN and left out of its mean: the accuracy of a class without labels, and IoU and
 * Dice of a class that occurs on neither side. A class that only the predictions have has IoU and Dice 0. A
 * class whose label is ignored has NaN in all. Predicting it elsewhere counts against the classes there.
 *
 * Source: Long, Shelhamer, Darrell 2015, arXiv 1411.4038, section 5. IoU as torchmetrics' `JaccardIndex`,
 * FWIoU as its weighted one.
 *
 * @throws AfterimageError `evaluate/labels` when nothing was counted.
 */
export function segmentationScores({ classes, counts, ignored }: ConfusionCounts): SegmentationScores {
  const pixels = counts.reduce((sum, count) => sum + count, 0);
  if (pixels === 0) {
    throw new AfterimageError("evaluate/labels", {
      what: "there is no pixel to score",
      expected: "at least one whose label is not ignored",
      got: "none",
    });
  }
  const rates = Array.from({ length: classes }, (_, c) => ratesOf(counts, classes, c));
  const byClass = rates.map((rate, c) => scoresOf(rate, ignored.includes(c)));
  const right = rates.reduce((sum, rate) => sum + rate.right, 0);
  const weighted = byClass.reduce((sum, { iou, pixels: own }) => sum + (own === 0 ? 0 : iou * own), 0);
  return {
    pixels,
    pixelAccuracy: right / pixels,
    meanAccuracy: meanOfKnown(byClass.map(({ accuracy }) => accuracy)),
    meanIou: meanOfKnown(byClass.map(({ iou }) => iou)),
    frequencyWeightedIou: weighted / pixels,
    meanDice: meanOfKnown(byClass.map(({ dice }) => dice)),
    byClass,
  };
}

interface Rate {
  /** TP */
  right: number;
  /** TP + FN */
  label: number;
  /** TP + FP */
  predicted: number;
}

function ratesOf(counts: Float64Array, classes: number, c: number): Rate {
  let [label, predicted] = [0, 0];
  for (let other = 0; other < classes; other++) {
    label += counts[c * classes + other]!;
    predicted += counts[other * classes + c]!;
  }
  return { right: counts[c * classes + c]!, label, predicted };
}

function scoresOf({ right, label, predicted }: Rate, isIgnored: boolean): MaskScores {
  if (isIgnored) return { pixels: 0, accuracy: Number.NaN, iou: Number.NaN, dice: Number.NaN };
  return {
    pixels: label,
    accuracy: right / label,
    iou: right / (label + predicted - right),
    dice: (2 * right) / (label + predicted),
  };
}

function meanOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
