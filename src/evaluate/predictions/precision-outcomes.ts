import { AfterimageError } from "../../errors.ts";
import type { Matrix } from "../../formats/matrix.ts";
import { meanAveragePrecision } from "./average-precision.ts";

/**
 * The share of every picture in the mean average precision, `[N]`: their mean is the macro mean of
 * {@link meanAveragePrecision}, and their standard error that of the jackknife. Average precision is not a
 * mean over pictures, so the share of a picture is by how much the score falls without it:
 * m + (N - 1) · (mean over j of m₋ⱼ - m₋ᵢ), where m₋ᵢ is the score without picture i.
 *
 * A label that only one picture has keeps its precision when that picture is left out.
 *
 * Source: Tukey's jackknife, as in Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 11.
 *
 * @param labels `[N, C]`: 1 where the picture has the label, otherwise 0.
 * @param scores `[N, C]`.
 * @throws AfterimageError `evaluate/shape` for fewer than two pictures, and what
 * {@link meanAveragePrecision} throws.
 */
export function precisionOutcomes(labels: Matrix, scores: Matrix): Float64Array {
  const { macro, byClass } = meanAveragePrecision(labels, scores);
  const { rows, cols } = labels;
  if (rows < 2) throw onePicture();
  const without = new Float64Array(rows);
  const known = byClass.filter((value) => value !== null).length;
  for (const [label, value] of byClass.entries()) {
    if (value === null) continue;
    const column = ({ data }: Matrix) =>
      Float32Array.from({ length: rows }, (_, r) => data[r * cols + label]!);
    for (const [row, left] of leaveOneOut(column(labels), column(scores)).entries())
      without[row]! += (left ?? value) / known;
  }
  const mean = without.reduce((sum, value) => sum + value, 0) / rows;
  return without.map((value) => macro + (rows - 1) * (mean - value));
}

/** Pictures of one score, in the ranking: one threshold. */
interface Group {
  /** Relevant ones among them. */
  own: number;
  /** Relevant ones, and all, down to this threshold. */
  found: number;
  seen: number;
}

/** The average precision without each of the pictures; null where none is relevant then. */
function leaveOneOut(relevant: Float32Array, scores: Float32Array): (number | null)[] {
  const { groups, groupOf } = thresholds(relevant, scores);
  const positives = groups.at(-1)!.found;
  // The sum over thresholds of own · found / seen, before a group as it is, and after it without the picture.
  const before = sumsBefore(groups);
  const after = [0, 1].map((gone) => sumsAfter(groups, gone));
  return Array.from(groupOf, (at, row) => {
    const gone = relevant[row]!;
    if (positives === gone) return null;
    const { own, found, seen } = groups[at]!;
    const here = seen === 1 ? 0 : ((own - gone) * (found - gone)) / (seen - 1);
    return (before[at]! + here + after[gone]![at]!) / (positives - gone);
  });
}

function thresholds(relevant: Float32Array, scores: Float32Array): { groups: Group[]; groupOf: Int32Array } {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const groups: Group[] = [];
  const groupOf = new Int32Array(scores.length);
  for (const [place, row] of order.entries()) {
    const last = groups.at(-1);
    if (place === 0 || scores[order[place - 1]!] !== scores[row])
      groups.push({ own: 0, found: last?.found ?? 0, seen: place });
    const group = groups.at(-1)!;
    group.own += relevant[row]!;
    group.found += relevant[row]!;
    group.seen += 1;
    groupOf[row] = groups.length - 1;
  }
  return { groups, groupOf };
}

function sumsBefore(groups: readonly Group[]): Float64Array {
  const sums = new Float64Array(groups.length);
  for (let at = 1; at < groups.length; at++) {
    const { own, found, seen } = groups[at - 1]!;
    sums[at] = sums[at - 1]! + (own * found) / seen;
  }
  return sums;
}

/** @param gone 1 if the picture that is left out, which ranks before, is relevant. */
function sumsAfter(groups: readonly Group[], gone: number): Float64Array {
  const sums = new Float64Array(groups.length);
  for (let at = groups.length - 2; at >= 0; at--) {
    const { own, found, seen } = groups[at + 1]!;
    sums[at] = sums[at + 1]! + (own * (found - gone)) / (seen - 1);
  }
  return sums;
}

function onePicture(): AfterimageError {
  return new AfterimageError("evaluate/shape", {
    what: "the uncertainty of average precision needs more pictures",
    expected: "at least two",
    got: "one",
  });
}
