import type { Matrix } from "../../formats/matrix.ts";
import { requireCount, requireFeatures, requireLabels } from "../checks.ts";
import { outOfRange } from "./out-of-range.ts";

/** The pictures whose largest probability is in (from, to]. */
export interface ReliabilityBin {
  from: number;
  to: number;
  pictures: number;
  /** The mean of their largest probabilities; 0 in an empty bin. */
  confidence: number;
  /** The share of them whose most probable class is their label; 0 in an empty bin. */
  accuracy: number;
}

export interface Calibration {
  /**
   * Expected calibration error, from 0 to 1: the mean over pictures of |accuracy - confidence| of their bin.
   */
  error: number;
  bins: ReliabilityBin[];
}

/**
 * How far probabilities are from shares of right predictions: the expected calibration error with bins of
 * equal width, and the bins, which a reliability diagram shows. Of equally probable classes the first is the
 * prediction.
 *
 * Source: Guo et al. 2017, arXiv 1706.04599, equation 3.
 *
 * @param labels N classes, 0 … C - 1.
 * @param probabilities `[N, C]`, from 0 to 1.
 * @param bins the number of bins between 0 and 1; 15 by default, as there.
 * @throws AfterimageError `evaluate/labels`, `evaluate/shape`, `evaluate/not-finite`; `usage/value` for fewer
 * than one bin or a number that is no probability.
 */
export function calibrationError(
  labels: ArrayLike<number>,
  probabilities: Matrix,
  bins: number = 15,
): Calibration {
  requireFeatures("the probabilities", probabilities);
  requireLabels("the labels", labels, probabilities.rows, probabilities.cols);
  requireCount("the number of bins", bins, 1);
  requireProbabilities(probabilities);
  const sums = Array.from({ length: bins }, () => ({ pictures: 0, confidence: 0, right: 0 }));
  for (let row = 0; row < probabilities.rows; row++) {
    const { confidence, predicted } = mostProbable(probabilities, row);
    const bin = sums[Math.max(0, Math.ceil(confidence * bins) - 1)]!;
    bin.pictures++;
    bin.confidence += confidence;
    bin.right += predicted === labels[row]! ? 1 : 0;
  }
  const gaps = sums.map(({ confidence, right }) => Math.abs(right - confidence));
  return {
    error: gaps.reduce((sum, gap) => sum + gap, 0) / probabilities.rows,
    bins: sums.map(({ pictures, confidence, right }, at) => ({
      ...{ from: at / bins, to: (at + 1) / bins, pictures },
      ...{ confidence: confidence / Math.max(1, pictures), accuracy: right / Math.max(1, pictures) },
    })),
  };
}

function mostProbable({ cols, data }: Matrix, row: number): { confidence: number; predicted: number } {
  let predicted = 0;
  for (let c = 1; c < cols; c++) if (data[row * cols + c]! > data[row * cols + predicted]!) predicted = c;
  return { confidence: data[row * cols + predicted]!, predicted };
}

/** Logits in the place of probabilities are a likely mistake. */
function requireProbabilities({ cols, data }: Matrix): void {
  const at = data.findIndex((value) => value < 0 || value > 1);
  if (at >= 0) throw outOfRange("a probability", "a number from 0 to 1", data[at]!, at, cols);
}
