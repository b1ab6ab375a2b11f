/** The IoU of masks near their contours only, which sees what the IoU of large masks hides. */
import { AfterimageError } from "../../errors.ts";
import { IGNORED, type LabelOptions, labelRoles, noClass, unequalNumbers } from "./label-roles.ts";

export interface BoundaryOptions extends LabelOptions {
  /** The width of the band inside of a contour, as a share of the picture's diagonal. Default .02. */
  width?: number;
}

/**
 * Counts, picture by picture, the pixels of each class that are near its contour: on both sides, and on
 * either.
 *
 * A pixel is near the contour of its class if within d rows and columns there is another class or the border
 * of the picture; d is the band's width in pixels, rounded, 1 or more. The prediction of an ignored pixel is
 * ignored, so that both masks have the contours of what is left out.
 *
 * Source: Cheng et al. 2021, arXiv 2103.16562, equation 2, with the authors' erosion by squares. They have
 * the mean over objects; here all pictures are one count, as for the IoU of classes.
 */
export class BoundaryCounts {
  readonly options: Required<BoundaryOptions>;
  readonly #roles: Int32Array;
  readonly #both: Float64Array;
  readonly #either: Float64Array;

  /**
   * @throws AfterimageError `usage/value` for no classes, ignored labels that are no whole numbers, or a
   * width that is not above 0.
   */
  constructor({ classes, ignored = [], width = 0.02 }: BoundaryOptions) {
    if (!(width > 0)) {
      throw new AfterimageError("usage/value", {
        what: "the width of the contours is out of range",
        expected: "a share of the diagonal above 0",
        got: `${width}`,
      });
    }
    this.options = { classes, ignored, width };
    this.#roles = labelRoles(this.options);
    this.#both = new Float64Array(classes);
    this.#either = new Float64Array(classes);
  }

  /**
   * @param labels of one picture, row by row: a class or an ignored label each.
   * @param predictions as many, a class each where the label is not ignored.
   * @param columns pixels in a row.
   * @throws AfterimageError `evaluate/labels` when the two differ in number, do not fill rows, or one is no
   * class.
   */
  add(labels: ArrayLike<number>, predictions: ArrayLike<number>, columns: number): void {
    const { given, predicted } = this.#classesOf(labels, predictions);
    const rows = given.length / columns;
    if (!Number.isInteger(rows) || rows === 0) throw noRows(given.length, columns);
    const reach = Math.max(1, Math.round(this.options.width * Math.hypot(rows, columns)));
    const [inGiven, inPredicted] = [given, predicted].map((map) => nearContour(map, columns, reach));
    for (let i = 0; i < given.length; i++) {
      if (given[i] === IGNORED) continue;
      const [a, b] = [inGiven![i] === 1, inPredicted![i] === 1];
      if (a && b && given[i] === predicted[i]) this.#both[given[i]!]!++;
      if (a) this.#either[given[i]!]!++;
      if (b && !(a && given[i] === predicted[i])) this.#either[predicted[i]!]!++;
    }
  }

  #classesOf(labels: ArrayLike<number>, predictions: ArrayLike<number>) {
    const { length } = labels;
    if (length !== predictions.length) throw unequalNumbers(length, predictions.length);
    const [given, predicted] = [new Int32Array(length), new Int32Array(length)];
    for (let i = 0; i < length; i++) {
      const role = this.#roles[labels[i]!];
      const guess = predictions[i]!;
      if (role === undefined || role < IGNORED) throw noClass("label", labels[i]!, i, this.options);
      if (role !== IGNORED && (guess >>> 0 !== guess || guess >= this.options.classes))
        throw noClass("prediction", guess, i, this.options);
      given[i] = role;
      predicted[i] = role === IGNORED ? IGNORED : guess;
    }
    return { given, predicted };
  }

  /** The boundary IoU of each class; NaN for one that neither side has. */
  get byClass(): number[] {
    return Array.from(this.#both, (both, c) => both / this.#either[c]!);
  }

  /** The mean of the classes that occur; NaN if none does. */
  get mean(): number {
    const known = this.byClass.filter((iou) => !Number.isNaN(iou));
    return known.reduce((sum, iou) => sum + iou, 0) / known.length;
  }
}

/** 1 where the square of `2·reach + 1` around a pixel has another class, or leaves the picture. */
function nearContour(map: Int32Array, columns: number, reach: number): Uint8Array {
  const near = new Uint8Array(map.length).fill(1);
  const rows = map.length / columns;
  // First whether the row around a pixel is of one class, then whether so are all rows of the square.
  const across = new Int32Array(map.length);
  for (let row = 0; row < rows; row++)
    markRuns(across, (at) => map[row * columns + at]!, {
      count: columns,
      start: row * columns,
      step: 1,
      reach,
    });
  const inside = new Int32Array(map.length);
  // What is near a contour already is like nothing else.
  const keyOf = (at: number) => (across[at] === 1 ? map[at]! : -2 - at);
  for (let column = 0; column < columns; column++) {
    const key = (row: number) => keyOf(row * columns + column);
    markRuns(inside, key, { count: rows, start: column, step: columns, reach });
  }
  for (const [at, isInside] of inside.entries()) if (isInside === 1) near[at] = 0;
  return near;
}

interface Line {
  count: number;
  /** Where the line starts in the map, and the distance of its places there. */
  start: number;
  step: number;
  reach: number;
}

/** Marks the places of a line from which `reach` places on both sides have the same key. */
function markRuns(marks: Int32Array, keyAt: (place: number) => number, line: Line): void {
  const { count, start, step, reach } = line;
  let first = 0;
  for (let end = 1; end <= count; end++) {
    if (end < count && keyAt(end) === keyAt(first)) continue;
    for (let at = first + reach; at < end - reach; at++) marks[start + at * step] = 1;
    first = end;
  }
}

function noRows(pixels: number, columns: number): AfterimageError {
  return new AfterimageError("evaluate/labels", {
    what: "the labels do not fill the rows of a picture",
    expected: `a multiple of ${columns} pixels`,
    got: `${pixels}`,
  });
}
