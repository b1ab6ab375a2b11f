/** A confusion matrix that grows picture by picture, of pixels or of anything else that has labels. */
import { AfterimageError } from "../../errors.ts";
import { IGNORED, type LabelOptions, labelRoles, noClass, unequalNumbers } from "./label-roles.ts";

/**
 * How often each class was predicted for each class. Counts are exact up to 2^53 in each cell, whatever the
 * order in which they came.
 */
export class ConfusionCounts {
  readonly classes: number;
  /** Labels that are not counted. */
  readonly ignored: readonly number[];
  /** `[C, C]` row-major: the row is the label, the column the prediction. */
  readonly counts: Float64Array;
  readonly #roles: Int32Array;
  readonly #recent: Uint32Array;

  /** @throws AfterimageError `usage/value` for no classes, or ignored labels that are no whole numbers. */
  constructor({ classes, ignored = [] }: LabelOptions) {
    this.#roles = labelRoles({ classes, ignored });
    this.classes = classes;
    this.ignored = [...ignored];
    this.counts = new Float64Array(classes * classes);
    this.#recent = new Uint32Array(classes * classes);
  }

  /**
   * Counts the places of a picture, or of several.
   *
   * @param labels a class or an ignored label each.
   * @param predictions as many, a class each where the label is not ignored.
   * @throws AfterimageError `evaluate/labels` when the two differ in number or one is no class. Nothing of
   * them is counted then.
   */
  add(labels: ArrayLike<number>, predictions: ArrayLike<number>): void {
    if (labels.length !== predictions.length) throw unequalNumbers(labels.length, predictions.length);
    const recent = this.#recent.fill(0);
    const wrong = countPairs(recent, this.#roles, this.classes, labels, predictions);
    if (wrong >= 0) {
      const isLabel = !((this.#roles[labels[wrong]!] ?? -1) >= 0);
      const values = isLabel ? labels : predictions;
      throw noClass(isLabel ? "label" : "prediction", values[wrong]!, wrong, this);
    }
    for (const [cell, count] of recent.entries()) this.counts[cell]! += count;
  }

  /**
   * Adds what another one counted.
   *
   * @throws AfterimageError `evaluate/labels` when it has other classes or ignores others.
   */
  merge(other: ConfusionCounts): void {
    const describe = ({ classes, ignored }: ConfusionCounts) =>
      `${classes} classes, ignored ${[...ignored].sort((a, b) => a - b).join(", ") || "none"}`;
    if (describe(other) !== describe(this)) {
      throw new AfterimageError("evaluate/labels", {
        what: "two confusion matrices are not of the same classes",
        expected: describe(this),
        got: describe(other),
      });
    }
    for (const [cell, count] of other.counts.entries()) this.counts[cell]! += count;
  }
}

/** Adds each pair to its cell; the first place of which one is no class, or -1. */
function countPairs(
  counts: Uint32Array,
  roles: Int32Array,
  classes: number,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
): number {
  for (let i = 0; i < labels.length; i++) {
    const role = roles[labels[i]!];
    if (role === IGNORED) continue;
    const predicted = predictions[i]!;
    // A prediction that is negative or no whole number differs from its unsigned integer.
    if (role === undefined || role < 0 || predicted >>> 0 !== predicted || predicted >= classes) return i;
    counts[role * classes + predicted]!++;
  }
  return -1;
}
