/** Interpolation along one axis as taps: for each output, the inputs that it is a weighted sum of. */

export const INTERPOLATIONS = ["nearest", "nearest-exact", "linear", "bicubic"] as const;
/** How values between the samples of one axis are found. `linear` on two axes is bilinear. */
export type AxisInterpolation = (typeof INTERPOLATIONS)[number];

/** A sparse matrix `[to, from]`: row i has `weights[i·reach + k]` in column `places[i·reach + k]`. */
export interface Taps {
  readonly from: number;
  readonly to: number;
  /** Taps of one output. */
  readonly reach: number;
  readonly places: Int32Array;
  readonly weights: Float32Array;
  /** What they interpolate, with the step between two outputs that PyTorch takes. */
  readonly kind: AxisInterpolation;
  readonly alignCorners: boolean;
  readonly antialias: boolean;
  readonly step: number;
}

export interface TapsOptions {
  from: number;
  to: number;
  kind: AxisInterpolation;
  /**
   * Whether the middles of the outermost samples stay where they are, rather than the borders of the picture.
   */
  alignCorners: boolean;
  /** Whether the kernel grows with the step where a picture becomes smaller. */
  antialias: boolean;
  /** Inputs from one output to the next, unless corners are aligned; `from / to` by default. */
  step?: number;
}

/**
 * The taps with which PyTorch's `interpolate` computes each output (ATen `UpSample.h`, `UpSampleKernel.cpp`).
 * Without antialias, places outside the axis are those of its ends. With it, they are left out, and the
 * weights of the others add up to 1.
 */
export function interpolationTaps(options: TapsOptions): Taps {
  const { from, to, kind, alignCorners, antialias } = options;
  const step = stepOf(options);
  const rows = Array.from({ length: to }, (_, i) => {
    if (kind === "nearest") return [nearest(i, step, from)];
    if (kind === "nearest-exact") return [nearest(i + 0.5, step, from)];
    if (antialias) return averaged((i + 0.5) * step, Math.max(1, step), from, kind);
    const at = alignCorners ? i * step : (i + 0.5) * step - 0.5;
    return kind === "linear" ? linear(Math.max(0, at), from) : cubic(at, from);
  });
  const reach = Math.max(...rows.map((row) => row.length));
  const places = new Int32Array(to * reach);
  const weights = new Float32Array(to * reach);
  for (const [i, row] of rows.entries()) {
    for (const [k, { place, weight }] of row.entries()) {
      places[i * reach + k] = place;
      weights[i * reach + k] = weight;
    }
  }
  return { from, to, reach, places, weights, kind, alignCorners, antialias, step };
}

/** The matrix `[to, from]`, row-major, or its transpose. */
export function matrixOf({ from, to, reach, places, weights }: Taps, transposed: boolean): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let tap = 0; tap < places.length; tap++) {
    const [row, column] = [Math.floor(tap / reach), places[tap]!];
    matrix[transposed ? column * to + row : row * from + column]! += weights[tap]!;
  }
  return matrix;
}

interface Tap {
  place: number;
  weight: number;
}

function stepOf({ from, to, alignCorners, step = from / to }: TapsOptions): number {
  if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return step;
}

/** In float32, as PyTorch has it: of two equally near samples rounding decides. */
function nearest(at: number, step: number, from: number): Tap {
  const place = Math.floor(Math.fround(at * Math.fround(step)));
  return { place: Math.min(place, from - 1), weight: 1 };
}

function linear(at: number, from: number): Tap[] {
  const place = Math.min(Math.floor(at), from - 1);
  const share = Math.min(1, at - place);
  return [
    { place, weight: 1 - share },
    { place: Math.min(place + 1, from - 1), weight: share },
  ];
}

function cubic(at: number, from: number): Tap[] {
  const base = Math.floor(at);
  return [-1, 0, 1, 2].map((tap) => ({
    place: Math.min(from - 1, Math.max(0, base + tap)),
    weight: keys(at - base - tap, -0.75),
  }));
}

/** The samples under the kernel, which is `width` times as wide, around `centre`. */
function averaged(centre: number, width: number, from: number, kind: "linear" | "bicubic"): Tap[] {
  const support = (kind === "linear" ? 1 : 2) * width;
  const first = Math.max(0, Math.trunc(centre - support + 0.5));
  const end = Math.min(from, Math.trunc(centre + support + 0.5));
  const taps = Array.from({ length: end - first }, (_, k) => {
    const distance = (first + k + 0.5 - centre) / width;
    const weight = kind === "linear" ? Math.max(0, 1 - Math.abs(distance)) : keys(distance, -0.5);
    return { place: first + k, weight };
  });
  const total = taps.reduce((sum, { weight }) => sum + weight, 0);
  return taps.map(({ place, weight }) => ({ place, weight: weight / total }));
}

/**
 * Keys' cubic convolution kernel (1981). PyTorch has a = -¾ without antialias and, as PIL, -½ with it.
 *
 * @param a its slope at 1.
 */
function keys(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * (x ** 3 - 5 * x ** 2 + 8 * x - 4);
  return 0;
}
