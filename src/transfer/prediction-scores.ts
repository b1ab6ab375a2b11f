/** How good predictions are, as plain data without NaN. */

/** A score and its standard error with respect to other pictures of the same kind. */
export interface Estimate {
  value: number;
  standardError: number;
}

/** How far probabilities are from shares of right predictions; errors are from 0 to 1. */
export interface CalibrationScores {
  /** Expected calibration error of the probabilities as the network gives them. */
  error: number;
  /** The temperature that the validation part asks for; null if there was none to fit it on. */
  temperature: number | null;
  /** The error at that temperature. */
  scaledError: number | null;
}

/** One class among the tested pictures. A rate of nothing is null. */
export interface ClassRates {
  name: string;
  /** Pictures of this class. */
  pictures: number;
  /** The share of them that were predicted right. */
  recall: number | null;
  /** The share of right ones among the pictures predicted as this class. */
  precision: number | null;
}

export interface ClassesScores {
  kind: "classes";
  pictures: number;
  accuracy: Estimate;
  /** The mean of the recalls of all classes that have a picture. */
  balancedAccuracy: Estimate;
  macroF1: number;
  /** The share of pictures whose class is among the five most probable; null for five classes or fewer. */
  top5: Estimate | null;
  calibration: CalibrationScores;
  byClass: ClassRates[];
}

export interface SeveralScores {
  kind: "several";
  pictures: number;
  /** Mean average precision: the mean over labels that a picture has. */
  map: Estimate;
  /** Average precision of all pairs of a picture and a label as one ranking. */
  microPrecision: number;
  /** F1 of the labels with a probability above a half, by label and then averaged, and over all pairs. */
  f1: { macro: number; micro: number };
  calibration: CalibrationScores;
  /** A label that no picture has gets null. */
  byLabel: { name: string; pictures: number; precision: number | null }[];
}

export interface NumbersScores {
  kind: "numbers";
  pictures: number;
  /**
   * Mean absolute error: for one column, in the unit of its labels; for several, the mean over columns, each
   * in deviations of its training labels, because their units may differ.
   */
  mae: Estimate;
  /** The mean over columns where it is defined; null if it is so nowhere. */
  r2: number | null;
  /** In the unit of each column. R² is null for a column whose tested labels are all equal. */
  byColumn: { name: string; mae: Estimate; r2: number | null }[];
}

export type PredictionScores = ClassesScores | SeveralScores | NumbersScores;

/** Scores, and what each picture contributes to the main one: more is better, and the mean is the score. */
export interface Judged {
  headline: Headline;
  /** `[N]`, in the order of the pictures; with the sign changed for an error. */
  outcomes: Float64Array;
}

/** The one score by which networks are compared. */
export interface Headline extends Estimate {
  measure: "accuracy" | "mAP" | "mean absolute error";
}

export function headlineOf(scores: PredictionScores): Headline {
  if (scores.kind === "classes") return { measure: "accuracy", ...scores.accuracy };
  if (scores.kind === "several") return { measure: "mAP", ...scores.map };
  return { measure: "mean absolute error", ...scores.mae };
}
