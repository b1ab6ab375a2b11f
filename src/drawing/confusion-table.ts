/** Above this many classes, only some are shown. */
export const MOST_CLASSES = 60;
/** The number of classes that are then shown by themselves. */
const SHOWN = 40;

/** A confusion matrix that fits a picture. */
export interface ConfusionTable {
  /** The last one stands for all others, if there are any. */
  names: string[];
  /** `[R, R]` row-major. */
  counts: number[];
  /** Pictures of each row. */
  totals: number[];
  /** The share of right predictions in each row, before classes were put together; 0 for no pictures. */
  recalls: number[];
  /** The number of classes in the last row and column; 0 if every class has its own. */
  others: number;
  total: number;
  right: number;
}

/**
 * @param counts `[C, C]` row-major.
 */
export function confusionTable(names: readonly string[], counts: ArrayLike<number>): ConfusionTable {
  const classes = names.length;
  const shown = classes <= MOST_CLASSES ? [...names.keys()] : mostMistaken(classes, counts);
  const others = classes - shown.length;
  const rows = shown.length + (others > 0 ? 1 : 0);
  const placeOf = new Int32Array(classes).fill(rows - 1);
  for (const [place, label] of shown.entries()) placeOf[label] = place;
  const merged = new Array<number>(rows * rows).fill(0);
  const right = new Array<number>(rows).fill(0);
  for (let at = 0; at < classes * classes; at++) {
    const [label, predicted] = [Math.floor(at / classes), at % classes];
    merged[placeOf[label]! * rows + placeOf[predicted]!]! += counts[at]!;
    if (label === predicted) right[placeOf[label]!]! += counts[at]!;
  }
  const totals = right.map((_, row) => sumOf(merged.slice(row * rows, (row + 1) * rows)));
  return {
    names: [...shown.map((label) => names[label]!), ...(others > 0 ? [`${others} other classes`] : [])],
    counts: merged,
    totals,
    recalls: right.map((count, row) => count / Math.max(1, totals[row]!)),
    others,
    total: sumOf(totals),
    right: sumOf(right),
  };
}

/** The classes with the most mistakes in their rows and columns, in the order of the classes. */
function mostMistaken(classes: number, counts: ArrayLike<number>): number[] {
  const mistakes = new Float64Array(classes);
  for (let at = 0; at < classes * classes; at++) {
    const [label, predicted] = [Math.floor(at / classes), at % classes];
    if (label === predicted) continue;
    mistakes[label]! += counts[at]!;
    mistakes[predicted]! += counts[at]!;
  }
  const order = [...mistakes.keys()].sort((a, b) => mistakes[b]! - mistakes[a]! || a - b);
  return order.slice(0, SHOWN).sort((a, b) => a - b);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
