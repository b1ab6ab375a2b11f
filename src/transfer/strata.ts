/** Strata: numbers for pictures, so that a division has the same share of each. */
import type { Matrix } from "../formats/matrix.ts";
import type { Answers } from "./label-task.ts";

/** Numbers are divided into at most this many ranges, of equally many pictures. */
const RANGES = 10;
const LEAST_IN_RANGE = 5;

/**
 * The stratum of every picture at `places`; -1 for all others.
 *
 * - `classes`: the class.
 * - `several`: of the picture's labels the one that the fewest pictures have, or K if it has none.
 * - `numbers`: the range of the first number, by quantiles; equal numbers are in one range.
 *
 * The strata depend on the answers at `places`, and not on their order.
 */
export function answerStrata(answers: Answers, places: Int32Array): Int32Array {
  if (answers.kind === "classes") return onlyAt(answers.classes, places);
  const own = answers.kind === "several" ? rarestLabels : rangesOfFirst;
  return own(answers.rows, places);
}

/** The values at `places`, and -1 elsewhere. */
export function onlyAt(values: Int32Array, places: Int32Array): Int32Array {
  const only = new Int32Array(values.length).fill(-1);
  for (const place of places) only[place] = values[place]!;
  return only;
}

function rarestLabels(rows: Matrix, places: Int32Array): Int32Array {
  const counts = countLabels(rows, places);
  const strata = new Int32Array(rows.rows).fill(-1);
  for (const place of places) strata[place] = rarestOf(rows, place, counts);
  return strata;
}

function rarestOf({ cols, data }: Matrix, place: number, counts: readonly number[]): number {
  let rarest = cols;
  for (let label = 0; label < cols; label++) {
    if (data[place * cols + label] === 0) continue;
    if (rarest === cols || counts[label]! < counts[rarest]!) rarest = label;
  }
  return rarest;
}

/** How many of the pictures have each label. */
export function countLabels({ cols, data }: Matrix, places: Int32Array): number[] {
  const counts = new Array<number>(cols).fill(0);
  for (const place of places) {
    for (let label = 0; label < cols; label++) counts[label]! += data[place * cols + label]!;
  }
  return counts;
}

function rangesOfFirst({ rows, cols, data }: Matrix, places: Int32Array): Int32Array {
  const sorted = Float32Array.from(places, (place) => data[place * cols]!).sort();
  const ranges = Math.max(1, Math.min(RANGES, Math.floor(places.length / LEAST_IN_RANGE)));
  const firsts = new Map<number, number>();
  for (const [rank, value] of sorted.entries()) if (!firsts.has(value)) firsts.set(value, rank);
  const strata = new Int32Array(rows).fill(-1);
  for (const place of places)
    strata[place] = Math.floor((ranges * firsts.get(data[place * cols]!)!) / places.length);
  return strata;
}
