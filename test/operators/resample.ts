/** Uses of interpolation, and of pooling back and forth. */
import type { InterpolateOptions, InterpolationMode, OperatorName } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import { distinct, seeds, uniform } from "../support/draw.ts";
import type { Case } from "../support/gradcheck.ts";
import { fill, type NdArray } from "../support/nd-array.ts";
import { between, each, type Pair, pair } from "./convolution.ts";
import type { Entry } from "./entry.ts";

interface Use {
  size: Pair;
  options: InterpolateOptions;
  b: number;
  c: number;
  seed: number;
}

const MODES: readonly InterpolationMode[] = ["nearest", "nearest-exact", "bilinear", "bicubic"];

const target: fc.Arbitrary<Pick<InterpolateOptions, "size" | "scaleFactor" | "recomputeScaleFactor">> =
  fc.oneof(
    pair(1, 9).map((size) => ({ size })),
    fc.record({
      scaleFactor: fc.constantFrom(1, 1.3, 1.5, 2, 2.7, 3, [0.6, 2], [2.2, 0.8]),
      recomputeScaleFactor: fc.boolean(),
    }),
  );

const uses: fc.Arbitrary<Use> = fc
  .record({
    size: pair(2, 7),
    where: target,
    mode: fc.constantFrom(...MODES),
    flag: fc.constantFrom("plain", "alignCorners", "antialias"),
    b: between(1, 2),
    c: between(1, 3),
    seed: seeds,
  })
  .map(({ where, mode, flag, ...rest }) => {
    const takesFlags = mode === "bilinear" || mode === "bicubic";
    return { ...rest, options: { ...where, mode, ...(takesFlags && flag !== "plain" && { [flag]: true }) } };
  });

const EXAMPLES: readonly Use[] = [
  { size: [3, 4], options: { scaleFactor: 2 }, b: 2, c: 2, seed: 1 },
  { size: [5, 3], options: { size: [1, 7], mode: "bilinear", alignCorners: true }, b: 1, c: 2, seed: 2 },
  { size: [7, 7], options: { scaleFactor: 0.4, mode: "bicubic", antialias: true }, b: 1, c: 1, seed: 3 },
  // So large that they are not written as products with matrices.
  { size: [5, 66], options: { scaleFactor: [2, 3] }, b: 1, c: 1, seed: 4 },
  { size: [5, 66], options: { scaleFactor: 2, mode: "bilinear" }, b: 1, c: 2, seed: 5 },
  {
    size: [4, 70],
    options: { scaleFactor: [1, 3], mode: "bilinear", alignCorners: true },
    b: 2,
    c: 1,
    seed: 6,
  },
];

/** One number of the result, from the samples of a line. */
function sampleOf(line: readonly number[], i: number, axis: 0 | 1, to: number, use: InterpolateOptions) {
  const { mode, alignCorners, antialias, scaleFactor, recomputeScaleFactor } = use;
  const n = line.length;
  const factor = typeof scaleFactor === "object" ? scaleFactor[axis]! : scaleFactor;
  const step = alignCorners
    ? to > 1
      ? (n - 1) / (to - 1)
      : 0
    : factor === undefined || recomputeScaleFactor
      ? n / to
      : 1 / factor;
  const at = (place: number) => line[Math.min(n - 1, Math.max(0, place))]!;
  if (mode === undefined || mode === "nearest") return at(Math.floor(Math.fround(i * Math.fround(step))));
  if (mode === "nearest-exact") return at(Math.floor(Math.fround((i + 0.5) * Math.fround(step))));
  if (antialias) {
    const width = Math.max(1, step);
    const kernel = mode === "bilinear" ? triangle : (x: number) => cubic(x, -0.5);
    const weights = line.map((_, j) => kernel((j + 0.5 - (i + 0.5) * step) / width));
    return dot(weights, line) / weights.reduce((a, b) => a + b);
  }
  const centre = alignCorners ? i * step : (i + 0.5) * step - 0.5;
  const around = Array.from({ length: n + 8 }, (_, j) => j - 4);
  return mode === "bilinear"
    ? dot(
        around.map((j) => triangle(j - Math.min(n - 1, Math.max(0, centre)))),
        around.map(at),
      )
    : dot(
        around.map((j) => cubic(j - centre, -0.75)),
        around.map(at),
      );
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const triangle = (x: number) => Math.max(0, 1 - Math.abs(x));
/** Keys' kernel as the spline that it is: both pieces from their values and slopes at whole numbers. */
function cubic(x: number, slope: number): number {
  const d = Math.abs(x);
  if (d >= 2) return 0;
  if (d >= 1) return slope * (d - 1) * (d - 2) ** 2;
  return 1 - d * d * (3 - 2 * d) + slope * d * d * (d - 1);
}

function sizeAfter({ size, options }: Use): Pair {
  const { size: wanted, scaleFactor } = options;
  if (wanted !== undefined) return wanted as Pair;
  return each((i) =>
    Math.floor(size[i] * (typeof scaleFactor === "object" ? scaleFactor[i]! : scaleFactor!)),
  );
}

function interpolationCase(use: Use): Case {
  const { size, options, b, c, seed } = use;
  const out = sizeAfter(use);
  return {
    note: JSON.stringify(options),
    args: [uniform(-1, 1)([b, c, ...size], seed)],
    build: ([x]) => [t.interpolate(x!, options)],
    reference([x]) {
      const high = fill([b, c, out[0], size[1]], (sample, channel, row, column) => {
        const line = Array.from({ length: size[0] }, (_, y) => x!.at(sample!, channel!, y, column!));
        return sampleOf(line, row!, 0, out[0], options);
      });
      return [
        fill([b, c, ...out], (sample, channel, row, column) => {
          const line = Array.from({ length: size[1] }, (_, z) => high.at(sample!, channel!, row!, z));
          return sampleOf(line, column!, 1, out[1], options);
        }),
      ];
    },
  };
}

const resample: Entry = {
  cases: uses.filter((use) => sizeAfter(use).every((n) => n >= 1)).map(interpolationCase),
  examples: EXAMPLES.map(interpolationCase),
};

interface Windows {
  kernel: Pair;
  apart: Pair;
  extra: Pair;
  count: Pair;
  b: number;
  c: number;
  seed: number;
}

/** Doubled maxima at the places that they are from. */
function unpoolingCase({ kernel, apart, extra, count, b, c, seed }: Windows): Case {
  const stride = each((i) => kernel[i] + apart[i]);
  const size = each((i) => (count[i] - 1) * stride[i] + kernel[i] + Math.min(extra[i], stride[i] - 1));
  const isLargest = (x: NdArray, at: readonly number[]) => {
    const [sample, channel, row, column] = at as [number, number, number, number];
    const [top, left] = [row - (row % stride[0]), column - (column % stride[1])];
    if (row >= top + kernel[0] || column >= left + kernel[1]) return false;
    if (top + kernel[0] > size[0] || left + kernel[1] > size[1]) return false;
    const window = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) =>
      x.at(sample, channel, top + Math.floor(tap / kernel[1]), left + (tap % kernel[1])),
    );
    return x.at(sample, channel, row, column) === Math.max(...window);
  };
  return {
    note: `kernel ${kernel}, stride ${stride}`,
    args: [distinct([b, c, ...size], seed)],
    build([x]) {
      const { values, indices } = t.maxPoolWithIndices(x!, { kernel, stride });
      return [t.maxUnpool(t.mul(values, 2), indices, { kernel, stride, size })];
    },
    reference: ([x]) => [fill(x!.shape, (...at) => (isLargest(x!, at) ? 2 * x!.at(...at) : 0))],
  };
}

const maxUnpool: Entry = {
  cases: fc
    .record({
      kernel: pair(1, 3),
      apart: pair(0, 1),
      extra: pair(0, 2),
      count: pair(1, 3),
      b: between(1, 2),
      c: between(1, 3),
      seed: seeds,
    })
    .map(unpoolingCase),
};

export const resampling = { resample, maxUnpool } satisfies Partial<Record<OperatorName, Entry>>;
