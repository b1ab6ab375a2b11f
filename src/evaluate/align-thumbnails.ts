/**
 * Lays one thumbnail over another: how it must be shifted and stretched, and what then remains unlike. It is
 * called for several pairs of each picture, so it has loops in place of calls for each pixel.
 */

/**
 * Shift of the middle and stretch of the edges, in pixels: x' = x + shiftX + stretchX · u, u from -1 to 1.
 */
export type Placement = readonly [shiftX: number, shiftY: number, stretchX: number, stretchY: number];

export const UNMOVED: Placement = [0, 0, 0, 0];

/** Planes `[P, side, side]`. */
export interface Planes {
  side: number;
  data: Float32Array;
}

export interface AlignOptions {
  start: Placement;
  steps: number;
  /** The share of the variance of `to` that the first step may leave unexplained. */
  hopeless: number;
}

/** The middle and the edges move by at most this share of the side. */
const MOST_MOVED = 0.1;
/** With less contrast than this share of the other's, `from` explains too little of it to be moved. */
const LEAST_GAIN = 0.3;
/** Keeps the equations solvable where a picture does not vary in a direction. */
const DAMPING = 1e-3;

/**
 * The placement of `from` that makes it most like `to`, up to brightness and contrast, by Gauss-Newton steps
 * (Lucas and Kanade, "An iterative image registration technique", IJCAI 1981), with a stretch of each axis.
 * A step explains `to` by least squares as 1, `from` as it is placed, its two derivatives, and these times u.
 *
 * @param from, to one plane each, of the same side.
 * @returns null if the first step shows that they are too unlike.
 */
export function align(from: Planes, to: Planes, options: AlignOptions): Placement | null {
  const most = MOST_MOVED * from.side;
  const limit = (value: number) => Math.max(-most, Math.min(most, value));
  let [a, b, c, d] = options.start;
  for (let step = 0; step < options.steps; step++) {
    const equations = normalEquations(place(from, [a, b, c, d]), to);
    const { weights, unexplained } = solve(equations);
    const gain = weights[1]!;
    if (step === 0 && (unexplained > options.hopeless || gain < LEAST_GAIN)) return null;
    if (gain < LEAST_GAIN) break;
    a = limit(a + weights[2]! / gain);
    b = limit(b + weights[3]! / gain);
    c = limit(c + weights[4]! / gain);
    d = limit(d + weights[5]! / gain);
  }
  return [a, b, c, d];
}

/** Planes at a placement, bilinear; beyond an edge they continue with its values. */
export function place(planes: Planes, [shiftX, shiftY, stretchX, stretchY]: Placement): Planes {
  const { side, data } = planes;
  if (shiftX === 0 && shiftY === 0 && stretchX === 0 && stretchY === 0) return planes;
  const [columns, rows] = [sources(side, shiftX, stretchX), sources(side, shiftY, stretchY)];
  const out = new Float32Array(data.length);
  for (let start = 0, to = 0; start < data.length; start += side * side) {
    for (let y = 0; y < side; y++) {
      const top = Math.floor(rows[y]!);
      const down = rows[y]! - top;
      for (let x = 0; x < side; x++) {
        const left = Math.floor(columns[x]!);
        const across = columns[x]! - left;
        const at = start + top * side + left;
        const upper = data[at]! + (data[at + 1]! - data[at]!) * across;
        const lower = data[at + side]! + (data[at + side + 1]! - data[at + side]!) * across;
        out[to++] = upper + (lower - upper) * down;
      }
    }
  }
  return { side, data: out };
}

/**
 * The place in the source of every output pixel along one axis; below the last, so that it has a next one.
 */
function sources(side: number, shift: number, stretch: number): Float64Array {
  const places = new Float64Array(side);
  for (let x = 0; x < side; x++) {
    const source = x + shift + stretch * offCentre(x, side);
    places[x] = Math.max(0, Math.min(side - 1.0001, source));
  }
  return places;
}

/** -1 at the first pixel, 1 at the last. */
function offCentre(x: number, side: number): number {
  return (2 * x) / (side - 1) - 1;
}

/** Explanations of a target: 1, the plane, its derivatives by x and y, and these times u and v. */
const TERMS = 6;
/** The target is one more column, whose product with itself says how much there is to explain. */
const COLUMNS = TERMS + 1;

/** The products of all columns with each other, `[7, 7]`; only the upper triangle is filled. */
function normalEquations(planes: Planes, target: Planes): Float64Array {
  const columns = explanations(planes, target);
  const size = planes.data.length;
  const sums = new Float64Array(COLUMNS * COLUMNS);
  for (let i = 0; i < COLUMNS; i++) {
    for (let j = i; j < COLUMNS; j++) sums[i * COLUMNS + j] = product(columns, size, i, j);
  }
  return sums;
}

/** The columns, `[7, side²]`. */
function explanations({ side, data }: Planes, { data: target }: Planes): Float64Array {
  const size = data.length;
  const columns = new Float64Array(COLUMNS * size).fill(1, 0, size);
  columns.set(data, size);
  columns.set(target, TERMS * size);
  for (let y = 0, at = 0; y < side; y++) {
    const [above, below] = [y > 0 ? side : 0, y < side - 1 ? side : 0];
    const v = offCentre(y, side);
    for (let x = 0; x < side; x++, at++) {
      const byX = (data[at + (x < side - 1 ? 1 : 0)]! - data[at - (x > 0 ? 1 : 0)]!) / 2;
      const byY = (data[at + below]! - data[at - above]!) / 2;
      columns[2 * size + at] = byX;
      columns[3 * size + at] = byY;
      columns[4 * size + at] = byX * offCentre(x, side);
      columns[5 * size + at] = byY * v;
    }
  }
  return columns;
}

function product(columns: Float64Array, size: number, i: number, j: number): number {
  let sum = 0;
  for (let a = i * size, b = j * size; a < (i + 1) * size; a++, b++) sum += columns[a]! * columns[b]!;
  return sum;
}

/**
 * Weights that explain the target best, by elimination from the damped equations, which are symmetric, and
 * the share of its variance that is left.
 */
function solve(sums: Float64Array): { weights: Float64Array; unexplained: number } {
  const at = (i: number, j: number) => i * COLUMNS + j;
  for (let i = 0; i < TERMS; i++) sums[at(i, i)]! += 1e-9 + (i < 2 ? 0 : DAMPING * sums[at(i, i)]!);
  let variance = 0;
  for (let i = 0; i < TERMS; i++) {
    if (i === 1) variance = sums[at(TERMS, TERMS)]!; // what 1, the mean, does not explain
    for (let j = i + 1; j < COLUMNS; j++) {
      const factor = sums[at(i, j)]! / sums[at(i, i)]!;
      for (let k = j; k < COLUMNS; k++) sums[at(j, k)]! -= factor * sums[at(i, k)]!;
    }
  }
  const weights = new Float64Array(TERMS);
  for (let i = TERMS - 1; i >= 0; i--) {
    let rest = sums[at(i, TERMS)]!;
    for (let j = i + 1; j < TERMS; j++) rest -= sums[at(i, j)]! * weights[j]!;
    weights[i] = rest / sums[at(i, i)]!;
  }
  return { weights, unexplained: variance > 0 ? sums[at(TERMS, TERMS)]! / variance : 1 };
}

/**
 * How unlike two are, without their means: |a - b|² / (|a|² + |b|²). 0 for equal ones, 1 for unrelated ones
 * or two without any contrast. A difference in contrast counts, one in brightness does not.
 */
export function unlikeness({ data: a }: Planes, { data: b }: Planes): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let difference = 0;
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    difference += (x - y) * (x - y);
    total += x * x + y * y;
  }
  return total === 0 ? 1 : difference / total;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * Blurred by [1 2 1] / 4 along both axes; an edge is continued. Takes out what is finer than placements are.
 */
export function blurred({ side, data }: Planes): Planes {
  return { side, data: blurredAlong(blurredAlong(data, side, 1), side, side) };
}

function blurredAlong(data: Float32Array, side: number, step: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const along = Math.floor(at / step) % side;
    const before = data[along > 0 ? at - step : at]!;
    const after = data[along < side - 1 ? at + step : at]!;
    out[at] = (before + 2 * data[at]! + after) / 4;
  }
  return out;
}
