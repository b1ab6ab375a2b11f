/**
 * Eigenvalues of a symmetric matrix, without eigenvectors, in no particular order. `rows[i]` needs entries 0
 * … i only (the lower triangle) and is overwritten. Off by a few units of double rounding of the largest.
 *
 * Householder reflections to tridiagonal form, then the implicit QR iteration with Wilkinson's shift. Source:
 * Golub and Van Loan, Matrix Computations, 4th edition, algorithms 8.3.1 to 8.3.3. A full decomposition, as
 * ml-matrix has it, takes 4 to 8 times as long (256 × 256: 200 against 30 ms), and this runs every epoch.
 */
export function symmetricEigenvalues(rows: Float64Array[]): Float64Array {
  const scale = largestMagnitude(rows);
  if (!(scale > 0 && Number.isFinite(scale)))
    return new Float64Array(rows.length).fill(scale === 0 ? 0 : Number.NaN);
  // With entries up to 1 no square that matters underflows.
  for (const row of rows) for (let j = 0; j < row.length; j++) row[j]! /= scale;
  const { diagonal, beside } = tridiagonal(rows);
  let last = diagonal.length - 1;
  while (last > 0) {
    if (isNegligible(diagonal, beside, last - 1)) last--;
    else {
      let first = last - 1;
      while (first > 0 && !isNegligible(diagonal, beside, first - 1)) first--;
      shiftedStep(diagonal, beside, first, last);
    }
  }
  return diagonal.map((value) => value * scale);
}

/** The largest magnitude in the lower triangle; NaN if it contains one. */
function largestMagnitude(rows: Float64Array[]): number {
  let largest = 0;
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j <= i; j++) largest = Math.max(largest, Math.abs(row[j]!));
  }
  return largest;
}

/** Relative to the largest entry: anything below this is rounding error. */
const SMALLEST = 1e-30;

interface Tridiagonal {
  diagonal: Float64Array;
  /** `beside[i]` couples i and i + 1. */
  beside: Float64Array;
}

/** Reduces from the last row upwards: each row's reflection leaves it one entry beside the diagonal. */
function tridiagonal(rows: Float64Array[]): Tridiagonal {
  const size = rows.length;
  const beside = new Float64Array(Math.max(0, size - 1));
  for (let last = size - 1; last > 1; last--) beside[last - 1] = reflect(rows, last);
  if (size > 1) beside[0] = rows[1]![0]!;
  return { diagonal: Float64Array.from(rows, (row, i) => row[i]!), beside };
}

/**
 * Reflects the leading `last` axes by H = I - u·uᵀ/h so that row `last` becomes (0, …, 0, result), and the
 * leading block A becomes H·A·H = A - u·wᵀ - w·uᵀ, with p = A·u/h and w = p - (uᵀp / 2h)·u. u takes the row's
 * place.
 */
function reflect(rows: Float64Array[], last: number): number {
  const u = rows[last]!.subarray(0, last);
  const norm = Math.sqrt(dot(u, u, last));
  if (norm === 0) return 0;
  const end = u[last - 1]!;
  const result = end > 0 ? -norm : norm;
  const h = norm * norm - end * result;
  u[last - 1] = end - result;
  const w = timesLowerTriangle(rows, u);
  for (let i = 0; i < last; i++) w[i]! /= h;
  const share = dot(u, w, last) / (2 * h);
  for (let i = 0; i < last; i++) w[i]! -= share * u[i]!;
  for (let i = 0; i < last; i++) {
    const [row, ui, wi] = [rows[i]!, u[i]!, w[i]!];
    for (let j = 0; j <= i; j++) row[j]! -= ui * w[j]! + wi * u[j]!;
  }
  return result;
}

/** A·u, from the lower triangle of A. */
function timesLowerTriangle(rows: Float64Array[], u: Float64Array): Float64Array {
  const product = new Float64Array(u.length);
  for (let i = 0; i < u.length; i++) {
    const [row, ui] = [rows[i]!, u[i]!];
    let sum = row[i]! * ui;
    for (let j = 0; j < i; j++) {
      sum += row[j]! * u[j]!;
      product[j]! += row[j]! * ui;
    }
    product[i]! += sum;
  }
  return product;
}

function dot(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function isNegligible(diagonal: Float64Array, beside: Float64Array, at: number): boolean {
  const near = Math.abs(diagonal[at]!) + Math.abs(diagonal[at + 1]!);
  // A coupling below the rounding of the whole matrix (entries up to 1) counts as zero too, whatever the
  // entries beside it.
  return Math.abs(beside[at]!) <= Number.EPSILON * Math.max(near, SMALLEST);
}

/**
 * One QR step on the block first … last: a rotation of the first two axes, and others that chase the bulge
 * out.
 */
function shiftedStep(diagonal: Float64Array, beside: Float64Array, first: number, last: number): void {
  let x = diagonal[first]! - wilkinsonShift(diagonal, beside, last);
  let bulge = beside[first]!;
  for (let i = first; i < last; i++) {
    const length = Math.sqrt(x * x + bulge * bulge);
    const [c, s] = length === 0 ? [1, 0] : [x / length, bulge / length];
    if (i > first) beside[i - 1] = length;
    const [a, b, between] = [diagonal[i]!, diagonal[i + 1]!, beside[i]!];
    diagonal[i] = c * c * a + 2 * c * s * between + s * s * b;
    diagonal[i + 1] = s * s * a - 2 * c * s * between + c * c * b;
    beside[i] = c * s * (b - a) + (c * c - s * s) * between;
    if (i + 1 < last) {
      x = beside[i]!;
      bulge = s * beside[i + 1]!;
      beside[i + 1]! *= c;
    }
  }
}

/** The eigenvalue of the last 2 × 2 block that is nearer to its last entry. */
function wilkinsonShift(diagonal: Float64Array, beside: Float64Array, last: number): number {
  const half = (diagonal[last - 1]! - diagonal[last]!) / 2;
  const square = beside[last - 1]! ** 2;
  return diagonal[last]! - square / (half + (half < 0 ? -1 : 1) * Math.sqrt(half * half + square));
}
