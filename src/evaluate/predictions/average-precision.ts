/** Average precision of scores, for one class and for several labels a picture. */
import { AfterimageError } from "../../errors.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { requireFeatures } from "../checks.ts";
import { outOfRange } from "./out-of-range.ts";

export interface MultiLabelPrecision {
  /** The mean of `byClass` without the classes left out. */
  macro: number;
  /** All pairs of a picture and a class as one ranking, those of the classes left out included. */
  micro: number;
  /** The average precision of each class; null for a class that no picture has. */
  byClass: (number | null)[];
  /** The classes that no picture has. */
  leftOut: number[];
}

/**
 * Average precision where a picture may have several labels: scikit-learn's `average_precision_score` with
 * `average="macro"` and `"micro"`, except that a class without positives, which counts 0 in its macro mean,
 * is left out here and named in `leftOut`.
 *
 * @param labels `[N, C]`: 1 where the picture has the label, otherwise 0.
 * @param scores `[N, C]`: larger for the more probable labels, such as logits.
 * @throws AfterimageError `evaluate/shape`, `evaluate/not-finite`; `usage/value` for a label that is neither
 * 0 nor 1; `evaluate/labels` when no picture has a label.
 */
export function meanAveragePrecision(labels: Matrix, scores: Matrix): MultiLabelPrecision {
  requireFeatures("the labels", labels);
  requireFeatures("the scores", scores);
  requireMatching(labels, scores);
  const { rows, cols } = labels;
  const column = ({ data }: Matrix, c: number) =>
    Float32Array.from({ length: rows }, (_, r) => data[r * cols + c]!);
  const byClass = Array.from({ length: cols }, (_, c) =>
    averagePrecision(column(labels, c), column(scores, c)),
  );
  const known = byClass.filter((value) => value !== null);
  if (known.length === 0) throw noPositives();
  return {
    macro: known.reduce((sum, value) => sum + value, 0) / known.length,
    micro: averagePrecision(labels.data, scores.data)!,
    byClass,
    leftOut: byClass.flatMap((value, c) => (value === null ? [c] : [])),
  };
}

/**
 * Σ over thresholds of (recall - recall of the threshold before) · precision, from 0 to 1, or null when
 * nothing is relevant. Equal scores have one threshold, as in scikit-learn's `average_precision_score`.
 *
 * @param relevant 1 or 0 for each of N.
 * @param scores as many.
 */
export function averagePrecision(relevant: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, at) => at).sort(
    (a, b) => scores[b]! - scores[a]!,
  );
  let [found, foundBefore, sum] = [0, 0, 0];
  for (const [place, at] of order.entries()) {
    found += relevant[at]!;
    const isLastOfEquals = place + 1 === order.length || scores[order[place + 1]!] !== scores[at];
    if (!isLastOfEquals) continue;
    sum += ((found - foundBefore) * found) / (place + 1);
    foundBefore = found;
  }
  return found === 0 ? null : sum / found;
}

function requireMatching(labels: Matrix, scores: Matrix): void {
  if (labels.rows !== scores.rows || labels.cols !== scores.cols) {
    throw new AfterimageError("evaluate/shape", {
      what: "the labels and the scores do not match",
      expected: `scores of [${labels.rows}, ${labels.cols}], as the labels`,
      got: `[${scores.rows}, ${scores.cols}]`,
    });
  }
  const at = labels.data.findIndex((value) => value !== 0 && value !== 1);
  if (at >= 0) throw outOfRange("a label", "1 or 0", labels.data[at]!, at, labels.cols);
}

function noPositives(): AfterimageError {
  return new AfterimageError("evaluate/labels", {
    what: "average precision needs a label to find",
    expected: "at least one picture with a label",
    got: "none",
  });
}
