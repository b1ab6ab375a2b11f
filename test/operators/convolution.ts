/** Uses of convolution, of its transpose and of the gradient of its filters. */
import type { OperatorName } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import { seeds, uniform } from "../support/draw.ts";
import type { Case } from "../support/gradcheck.ts";
import { fill, type NdArray } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

export type Pair = [number, number];

const draw = uniform(-1, 1);
export const between = (min: number, max: number) => fc.integer({ min, max });
export const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(between(min, max), between(min, max));
export const each = (f: (i: 0 | 1) => number): Pair => [f(0), f(1)];

interface Geometry {
  kernel: Pair;
  stride: Pair;
  padding: Pair;
  dilation: Pair;
  groups: number;
  /** Channels per group. */
  inEach: number;
  outEach: number;
  /** Height and width of the larger side: the input of a convolution, the output of its transpose. */
  size: Pair;
  b: number;
  seed: number;
}

const geometry: fc.Arbitrary<Geometry> = fc
  .record({
    kernel: fc.oneof(fc.constant<Pair>([1, 1]), fc.constant<Pair>([3, 3]), pair(1, 3)),
    stride: pair(1, 3),
    padding: fc.oneof(fc.constant<Pair>([0, 0]), pair(0, 3)),
    dilation: fc.oneof(fc.constant<Pair>([1, 1]), pair(1, 2)),
    extra: pair(0, 4),
    b: between(1, 2),
    groups: fc.constantFrom(1, 1, 2, 3),
    inEach: between(1, 2),
    outEach: between(1, 2),
    seed: seeds,
  })
  .map(({ extra, ...g }) => {
    const size = each((i) => Math.max(1, reachOf(g, i) - 2 * g.padding[i]) + extra[i]);
    return { ...g, size };
  });

/** The extent of a filter with its dilation. */
function reachOf({ dilation, kernel }: Pick<Geometry, "dilation" | "kernel">, i: 0 | 1): number {
  return dilation[i] * (kernel[i] - 1) + 1;
}

/** Places of the filter: the size of the smaller side. */
function positions(g: Geometry, i: 0 | 1): number {
  return Math.floor((g.size[i] + 2 * g.padding[i] - reachOf(g, i)) / g.stride[i]) + 1;
}

const plain = {
  stride: [1, 1] as Pair,
  padding: [0, 0] as Pair,
  dilation: [1, 1] as Pair,
  groups: 1,
  inEach: 2,
  outEach: 3,
  b: 2,
  seed: 1,
};

const EXAMPLES: Record<string, Geometry> = {
  "1×1": { ...plain, kernel: [1, 1], size: [3, 2] },
  "1×1 with stride, rows left over": { ...plain, kernel: [1, 1], stride: [2, 3], size: [4, 5] },
  "1×1 with padding": { ...plain, kernel: [1, 1], padding: [1, 2], size: [3, 3] },
  "3×3, same size": { ...plain, kernel: [3, 3], padding: [1, 1], size: [5, 4] },
  "3×3 with stride, rows left over": {
    ...plain,
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1],
    size: [6, 5],
  },
  "3×3 with stride, more channels than a picture": {
    ...plain,
    kernel: [3, 3],
    stride: [2, 1],
    padding: [1, 1],
    inEach: 5,
    size: [5, 4],
  },
  "the stem of a ResNet": { ...plain, kernel: [7, 7], stride: [2, 2], padding: [3, 3], size: [9, 8] },
  "patches of a ViT, a margin left over": { ...plain, kernel: [4, 4], stride: [4, 4], size: [8, 11] },
  "a kernel as large as the picture": { ...plain, kernel: [5, 4], size: [5, 4] },
  "a kernel larger than the picture": { ...plain, kernel: [5, 5], padding: [2, 2], size: [1, 2] },
  "a kernel of even size, strided, without padding": {
    ...plain,
    kernel: [4, 3],
    stride: [3, 2],
    size: [9, 8],
  },
  "a kernel of even size": { ...plain, kernel: [2, 4], padding: [1, 1], size: [4, 5] },
  "padding wider than the kernel": { ...plain, kernel: [2, 1], padding: [3, 2], size: [2, 3] },
  dilated: { ...plain, kernel: [3, 3], dilation: [2, 3], padding: [2, 3], size: [5, 6] },
  "dilated with stride": { ...plain, kernel: [3, 2], dilation: [2, 3], stride: [2, 3], size: [8, 8] },
  "stride wider than the kernel": { ...plain, kernel: [2, 2], stride: [3, 3], size: [7, 8] },
  "by channel": { ...plain, kernel: [3, 3], padding: [1, 1], groups: 4, inEach: 1, outEach: 1, size: [4, 4] },
  "in groups with stride": { ...plain, kernel: [3, 3], stride: [2, 2], groups: 2, inEach: 3, size: [6, 6] },
};

const noteOf = ({ stride, padding, dilation, groups }: Geometry) =>
  `stride ${stride}, padding ${padding}, dilation ${dilation}, ${groups} groups`;

/** Zero outside of the picture. */
const pixel = (x: NdArray, b: number, c: number, row: number, column: number) =>
  row >= 0 && row < x.shape[2]! && column >= 0 && column < x.shape[3]! ? x.at(b, c, row, column) : 0;

function correlate(x: NdArray, w: NdArray, g: Geometry): NdArray {
  const { stride, padding, dilation, groups } = g;
  const [o, cEach, ...kernel] = w.shape as [number, number, number, number];
  const out = each((i) => positions(g, i));
  return fill([x.shape[0]!, o, ...out], (b, filter, y, z) => {
    let sum = 0;
    const first = Math.floor(filter! / (o / groups)) * cEach;
    for (let c = 0; c < cEach; c++)
      for (let i = 0; i < kernel[0]; i++)
        for (let j = 0; j < kernel[1]; j++) {
          const row = y! * stride[0] - padding[0] + i * dilation[0];
          const column = z! * stride[1] - padding[1] + j * dilation[1];
          sum += w.at(filter!, c, i, j) * pixel(x, b!, first + c, row, column);
        }
    return sum;
  });
}

function convolutionCase(g: Geometry, biased: boolean): Case {
  const o = g.groups * g.outEach;
  return {
    note: noteOf(g),
    args: [
      draw([g.b, g.groups * g.inEach, ...g.size], g.seed),
      draw([o, g.inEach, ...g.kernel], g.seed + 1),
      ...(biased ? [draw([o], g.seed + 2)] : []),
    ],
    build: ([x, w, bias]) => [t.convolution(x!, w!, g, bias)],
    reference: ([x, w, bias]) => {
      const y = correlate(x!, w!, g);
      return [bias === undefined ? y : fill(y.shape, (...i) => y.at(...i) + bias.at(i[1]!))];
    },
  };
}

const convolution: Entry = {
  cases: fc.tuple(geometry, fc.boolean()).map(([g, biased]) => convolutionCase(g, biased)),
  examples: Object.values(EXAMPLES).map((g, i) => convolutionCase(g, i % 2 === 0)),
};

/** Every input element adds its filter to the output at its place. Elements in the padding are dropped. */
function spread(x: NdArray, w: NdArray, g: Geometry): NdArray {
  const [cAll, oEach, ...kernel] = w.shape as [number, number, number, number];
  const b = x.shape[0]!;
  return fill([b, oEach * g.groups, ...g.size], (sample, o, y, z) => {
    let sum = 0;
    for (let c = 0; c < cAll; c++) {
      if (Math.floor(c / (cAll / g.groups)) !== Math.floor(o! / oEach)) continue;
      for (let i = 0; i < kernel[0]; i++)
        for (let j = 0; j < kernel[1]; j++) {
          const row = (y! + g.padding[0] - i * g.dilation[0]) / g.stride[0];
          const column = (z! + g.padding[1] - j * g.dilation[1]) / g.stride[1];
          if (Number.isInteger(row) && Number.isInteger(column))
            sum += w.at(c, o! % oEach, i, j) * pixel(x, sample!, c, row, column);
        }
    }
    return sum;
  });
}

function transposedCase(g: Geometry): Case {
  const input = each((i) => positions(g, i));
  const outputPadding = each(
    (i) => g.size[i] - ((input[i] - 1) * g.stride[i] - 2 * g.padding[i] + reachOf(g, i)),
  );
  return {
    note: `${noteOf(g)}, output padding ${outputPadding}`,
    args: [
      draw([g.b, g.groups * g.inEach, ...input], g.seed),
      draw([g.groups * g.inEach, g.outEach, ...g.kernel], g.seed + 1),
    ],
    build: ([x, w]) => [t.transposedConvolution(x!, w!, { ...g, outputPadding })],
    reference: ([x, w]) => [spread(x!, w!, g)],
  };
}

const transposedConvolution: Entry = {
  cases: geometry.map(transposedCase),
  examples: Object.values(EXAMPLES).map(transposedCase),
};

function filterGradientCase(g: Geometry): Case {
  const channels = g.groups * g.inEach;
  const shape = [g.groups * g.outEach, g.inEach, ...g.kernel];
  return {
    note: noteOf(g),
    args: [
      draw([g.b, channels, ...g.size], g.seed),
      draw([g.b, shape[0]!, ...each((i) => positions(g, i))], g.seed + 1),
    ],
    build: ([x, gradient]) => [t.filterGradient(x!, gradient!, shape, g)],
    reference: ([x, gradient]) => [
      fill(shape, (o, c, i, j) => {
        const first = Math.floor(o! / g.outEach) * g.inEach;
        const [, , height, width] = gradient!.shape;
        let sum = 0;
        for (let b = 0; b < g.b; b++)
          for (let y = 0; y < height!; y++)
            for (let z = 0; z < width!; z++) {
              const row = y * g.stride[0] - g.padding[0] + i! * g.dilation[0];
              const column = z * g.stride[1] - g.padding[1] + j! * g.dilation[1];
              sum += gradient!.at(b, o!, y, z) * pixel(x!, b, first + c!, row, column);
            }
        return sum;
      }),
    ],
  };
}

const filterGradient: Entry = {
  cases: geometry.map(filterGradientCase),
  examples: Object.values(EXAMPLES).map(filterGradientCase),
};

export const convolutions = { convolution, transposedConvolution, filterGradient } satisfies Partial<
  Record<OperatorName, Entry>
>;
