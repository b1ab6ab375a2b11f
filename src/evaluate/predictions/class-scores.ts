/** Scores of predicted classes, all from 0 to 1. They are functions of the confusion matrix. */
import { confusionMatrix } from "./confusion-matrix.ts";

export interface ClassScores {
  /** The share of pictures whose prediction is their label. */
  accuracy: number;
  /** The mean of the recalls of all classes that occur among the labels. */
  balancedAccuracy: number;
  /**
   * The mean of the F1 scores of all classes that occur among the labels or the predictions; F1 = 2·TP /
   * (2·TP + FP + FN), which is 0 for a class that only the predictions have.
   */
  macroF1: number;
}

/**
 * As scikit-learn's `accuracy_score`, `balanced_accuracy_score`, and `f1_score(average="macro")`. A class
 * that is absent from the labels and the predictions counts nowhere.
 *
 * @param labels N classes, integers from 0.
 * @param predictions as many.
 * @throws AfterimageError `evaluate/labels` when there are none, the two differ in number, or one is not a
 * class.
 */
export function classScores(labels: ArrayLike<number>, predictions: ArrayLike<number>): ClassScores {
  const rates = classRates(confusionMatrix(labels, predictions));
  const labelled = rates.filter(({ label }) => label > 0);
  const present = rates.filter(({ label, predicted }) => label + predicted > 0);
  return {
    accuracy: rates.reduce((sum, { right }) => sum + right, 0) / labels.length,
    balancedAccuracy: meanOf(labelled, ({ right, label }) => right / label),
    macroF1: meanOf(present, ({ right, label, predicted }) => (2 * right) / (label + predicted)),
  };
}

interface ClassRate {
  right: number;
  /** The number of pictures with this label, TP + FN. */
  label: number;
  /** The number of pictures with this prediction, TP + FP. */
  predicted: number;
}

function classRates(counts: Int32Array): ClassRate[] {
  const classes = Math.sqrt(counts.length);
  const rates = Array.from({ length: classes }, () => ({ right: 0, label: 0, predicted: 0 }));
  for (const [at, count] of counts.entries()) {
    const [label, predicted] = [Math.floor(at / classes), at % classes];
    rates[label]!.label += count;
    rates[predicted]!.predicted += count;
    if (label === predicted) rates[label]!.right = count;
  }
  return rates;
}

function meanOf<T>(values: readonly T[], term: (value: T) => number): number {
  return values.reduce((sum, value) => sum + term(value), 0) / values.length;
}
