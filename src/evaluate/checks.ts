/** The conditions that every evaluation checks on its features and labels before it starts. */

import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";

/**
 * @throws AfterimageError `evaluate/shape` when the matrix is empty or its data does not fill it,
 * `evaluate/not-finite` when it holds NaN or infinity.
 */
export function requireFeatures(name: string, { rows, cols, data }: Matrix): void {
  if (rows < 1 || cols < 1 || data.length !== rows * cols) {
    throw new AfterimageError("evaluate/shape", {
      what: `${name} cannot be read as a feature matrix`,
      expected: "at least one row and one column, and rows × columns elements",
      got: `[${rows}, ${cols}] with ${data.length} elements`,
    });
  }
  // 0·x is 0 for every finite x and NaN for the others, so one sum finds them all.
  let probe = 0;
  for (let i = 0; i < data.length; i++) probe += data[i]! * 0;
  if (probe === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new AfterimageError("evaluate/not-finite", {
    what: `a number in ${name} is not finite`,
    where: `row ${Math.floor(at / cols)}, column ${at % cols}`,
    got: String(data[at]),
    todo: "The encoder that computed these features has diverged. Use an earlier checkpoint.",
  });
}

/** @throws AfterimageError `evaluate/shape` when the two do not have the same number of columns. */
export function requireSameWidth(nameA: string, a: Matrix, nameB: string, b: Matrix): void {
  if (a.cols === b.cols) return;
  throw new AfterimageError("evaluate/shape", {
    what: `${nameA} and ${nameB} are not features of the same encoder`,
    expected: `${a.cols} columns in both`,
    got: `${b.cols} in ${nameB}`,
  });
}

/**
 * @throws AfterimageError `evaluate/labels` when there is not one label for each row, or a label is not an
 * integer in [0, classes).
 */
export function requireLabels(
  name: string,
  labels: ArrayLike<number>,
  rows: number,
  classes = Number.POSITIVE_INFINITY,
): void {
  if (labels.length !== rows) {
    throw new AfterimageError("evaluate/labels", {
      what: `${name} do not match the features`,
      expected: `${rows} labels, one per row`,
      got: `${labels.length}`,
    });
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new AfterimageError("evaluate/labels", {
      what: `${name} contain a value that is not a class`,
      where: `row ${row}`,
      expected: Number.isFinite(classes) ? `an integer from 0 to ${classes - 1}` : "an integer, 0 or more",
      got: String(label),
      todo: "Leave pictures without a label out of the evaluation.",
    });
  }
}

/**
 * @throws AfterimageError `usage/value` when `value` is not an integer of at least `least` (and at most
 * `most`).
 */
export function requireCount(
  name: string,
  value: number,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new AfterimageError("usage/value", {
    what: `${name} is out of range`,
    expected: Number.isFinite(most) ? `an integer from ${least} to ${most}` : `an integer, ${least} or more`,
    got: String(value),
  });
}

/** The error of retrieval by class if no two rows share a class. */
export function nothingToRetrieve(): AfterimageError {
  return new AfterimageError("evaluate/labels", {
    what: "retrieval has nothing to find",
    expected: "a class with at least two pictures",
    got: "no query with another picture of its class",
  });
}
