/** Uses of the operators on windows of pictures. */
import fc from "fast-check";
import type { OperatorName, Tensor } from "../../src/tensor/index.ts";
import * as t from "../../src/tensor/index.ts";
import { type Draw, distinct, seeds, uniform } from "../support/draw.ts";
import { fill, type NdArray } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

type Pair = [number, number];

const draw = uniform(-1, 1);
const between = (min: number, max: number) => fc.integer({ min, max });
const pair = (min: number, max: number): fc.Arbitrary<Pair> => fc.tuple(between(min, max), between(min, max));
const each = (f: (i: 0 | 1) => number): Pair => [f(0), f(1)];

/** Strides that leave rows over, kernels as large as the picture, padding wider than the kernel: all happen. */
const geometry = fc
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
  .map((g) => {
    const reach = each((i) => g.dilation[i] * (g.kernel[i] - 1) + 1);
    return { ...g, size: each((i) => Math.max(1, reach[i] - 2 * g.padding[i]) + g.extra[i]) };
  });

type Geometry = Omit<typeof geometry extends fc.Arbitrary<infer G> ? G : never, "extra">;

const noteOf = ({ stride, padding, dilation, groups }: Geometry) =>
  `stride ${stride}, padding ${padding}, dilation ${dilation}, ${groups} groups`;

/** Zero outside of the picture. */
const pixel = (x: NdArray, b: number, c: number, row: number, column: number) =>
  row >= 0 && row < x.shape[2]! && column >= 0 && column < x.shape[3]! ? x.at(b, c, row, column) : 0;

function correlate(x: NdArray, w: NdArray, { stride, padding, dilation, groups }: Geometry): NdArray {
  const [o, cEach, ...kernel] = w.shape as [number, number, number, number];
  const out = each((i) => {
    const reach = dilation[i] * (kernel[i] - 1) + 1;
    return Math.floor((x.shape[2 + i]! + 2 * padding[i] - reach) / stride[i]) + 1;
  });
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

const convolution: Entry = {
  cases: fc.tuple(geometry, fc.boolean()).map(([g, biased]) => {
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
  }),
};

/** Every input element adds its filter to the output, at its place; what lies in the padding falls away. */
function spread(x: NdArray, w: NdArray, g: Geometry, outputPadding: Pair): NdArray {
  const [cAll, oEach, ...kernel] = w.shape as [number, number, number, number];
  const [b, , h, wide] = x.shape as [number, number, number, number];
  const out = each((i) => {
    const reach = g.dilation[i] * (kernel[i] - 1) + 1;
    return ([h, wide][i]! - 1) * g.stride[i] - 2 * g.padding[i] + reach + outputPadding[i];
  });
  return fill([b, oEach * g.groups, ...out], (sample, o, y, z) => {
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

const transposedConvolution: Entry = {
  cases: fc.tuple(geometry, pair(0, 2)).map(([g, wanted]) => {
    const outputPadding = each((i) => Math.min(wanted[i], g.stride[i] - 1));
    const reach = each((i) => g.dilation[i] * (g.kernel[i] - 1) + 1);
    // The smallest input that leaves something of the output.
    const size = each(
      (i) => Math.max(1, Math.ceil((1 + 2 * g.padding[i] - reach[i]) / g.stride[i]) + 1) + (g.extra[i] % 3),
    );
    return {
      note: `${noteOf(g)}, output padding ${outputPadding}`,
      args: [
        draw([g.b, g.groups * g.inEach, ...size], g.seed),
        draw([g.groups * g.inEach, g.outEach, ...g.kernel], g.seed + 1),
      ],
      build: ([x, w]) => [t.transposedConvolution(x!, w!, { ...g, outputPadding })],
      reference: ([x, w]) => [spread(x!, w!, g, outputPadding)],
    };
  }),
};

function pooling(
  build: (x: Tensor, options: t.PoolOptions) => Tensor,
  f: (window: (number | null)[]) => number,
  drawn: Draw,
): Entry {
  const cases = fc
    .record({
      kernel: pair(1, 3),
      stride: pair(1, 3),
      wide: pair(0, 1),
      extra: pair(0, 4),
      b: between(1, 2),
      c: between(1, 3),
      seed: seeds,
    })
    .map(({ kernel, stride, wide, extra, b, c, seed }) => {
      const padding = each((i) => wide[i] * Math.floor(kernel[i] / 2));
      const size = each((i) => Math.max(1, kernel[i] - 2 * padding[i]) + extra[i]);
      const out = each((i) => Math.floor((size[i] + 2 * padding[i] - kernel[i]) / stride[i]) + 1);
      return {
        note: `kernel ${kernel}, stride ${stride}, padding ${padding}`,
        args: [drawn([b, c, ...size], seed)],
        build: ([x]: readonly Tensor[]) => [build(x!, { kernel, stride, padding })],
        reference: ([x]: readonly NdArray[]) => [
          fill([b, c, ...out], (sample, channel, y, z) =>
            f(
              Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
                const row = y! * stride[0] - padding[0] + Math.floor(tap / kernel[1]);
                const column = z! * stride[1] - padding[1] + (tap % kernel[1]);
                const inside = row >= 0 && row < size[0] && column >= 0 && column < size[1];
                return inside ? x!.at(sample!, channel!, row, column) : null;
              }),
            ),
          ),
        ],
      };
    });
  return { cases };
}

export const windows = {
  convolution,
  transposedConvolution,
  maxPool: pooling(t.maxPool, (window) => Math.max(...window.filter((value) => value !== null)), distinct),
  averagePool: pooling(
    t.averagePool,
    (window) => window.reduce<number>((s, v) => s + (v ?? 0), 0) / window.length,
    draw,
  ),
} satisfies Partial<Record<OperatorName, Entry>>;
