/** Uses of the matrix products and of the norms. */
import * as t from "afterimage/tensor";
import { apply, type OperatorName } from "afterimage/tensor";
import fc from "fast-check";
import { type Argument, broadcastShapes, seeds, shapes, uniform } from "../support/draw.ts";
import { fill, indicesOf, type NdArray, total } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

const draw = uniform(-1, 1);
const size = fc.integer({ min: 1, max: 4 });

const matmul: Entry = {
  cases: fc
    .record({
      batches: broadcastShapes(2, 2),
      m: size,
      k: size,
      n: size,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      alpha: fc.constantFrom(1, 0.5, -2),
      seed: seeds,
    })
    .map(({ batches: { out, parts }, m, k, n, transposeA, transposeB, alpha, seed }) => {
      const a = [...parts[0]!, ...(transposeA ? [k, m] : [m, k])];
      const b = [...parts[1]!, ...(transposeB ? [n, k] : [k, n])];
      return {
        note: `a${transposeA ? "ᵀ" : ""}·b${transposeB ? "ᵀ" : ""}·${alpha}`,
        args: [draw(a, seed), draw(b, seed + 1)],
        build: ([x, y]) => [t.matmul(x!, y!, { transposeA, transposeB, alpha })],
        reference: ([x, y]) => [
          fill([...out, m, n], (...index) => {
            const [batch, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
            const term = (i: number) =>
              x!.broadcastAt(...batch, ...(transposeA ? [i, row] : [row, i])) *
              y!.broadcastAt(...batch, ...(transposeB ? [column, i] : [i, column]));
            return alpha * total(k, term);
          }),
        ],
      };
    }),
};

const affineCases = fc.tuple(shapes(0, 3), size, size, seeds);

const affine: Entry = {
  cases: affineCases.map(([lead, i, o, seed]) => ({
    args: [draw([...lead, i], seed), draw([o, i], seed + 1), draw([o], seed + 2)],
    build: ([x, w, b]) => [t.affine(x!, w!, b!)],
    reference: ([x, w, b]) => [rowsTimes(x!, w!, (column) => b!.at(column))],
  })),
};

const affineWithoutBias: Entry = {
  cases: affineCases.map(([lead, i, o, seed]) => ({
    args: [draw([...lead, i], seed), draw([o, i], seed + 1)],
    build: ([x, w]) => [t.affine(x!, w!, null)],
    reference: ([x, w]) => [rowsTimes(x!, w!, () => 0)],
  })),
};

function rowsTimes(x: NdArray, w: NdArray, bias: (column: number) => number): NdArray {
  return fill([...x.shape.slice(0, -1), w.shape[0]!], (...index) => {
    const [row, column] = [index.slice(0, -1), index.at(-1)!];
    return total(w.shape[1]!, (i) => x.at(...row, i) * w.at(column, i)) + bias(column);
  });
}

const EPSILON = 0.1;

function moments(values: number[]) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((s, value) => s + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, inverse: 1 / Math.sqrt(variance + EPSILON) };
}

/** Normalised over the elements that `group` puts together with each index. */
function normalised(
  x: NdArray,
  group: (index: readonly number[]) => string,
  scale: NdArray,
  bias: NdArray,
  channelAxis: number,
) {
  const groups = new Map<string, number[]>();
  for (const index of indicesOf(x.shape))
    groups.set(group(index), [...(groups.get(group(index)) ?? []), x.at(...index)]);
  return fill(x.shape, (...index) => {
    const { mean, inverse } = moments(groups.get(group(index))!);
    const channel = index[channelAxis]!;
    return (x.at(...index) - mean) * inverse * scale.at(channel) + bias.at(channel);
  });
}

const layerNorm: Entry = {
  cases: fc.tuple(shapes(0, 3), fc.integer({ min: 1, max: 6 }), seeds).map(([lead, d, seed]) => ({
    args: [draw([...lead, d], seed), draw([d], seed + 1), draw([d], seed + 2)],
    // All three outputs: second derivatives use the mean and the inverse deviation.
    build: ([x, scale, bias]) => apply(t.OPERATORS.layerNorm, [x!, scale!, bias!], EPSILON),
    reference: ([x, scale, bias]) => {
      const row = (lead: readonly number[]) =>
        moments(Array.from({ length: d }, (_, i) => x!.at(...lead, i)));
      return [
        normalised(x!, (index) => String(index.slice(0, -1)), scale!, bias!, lead.length),
        fill([...lead, 1], (...i) => row(i.slice(0, -1)).mean),
        fill([...lead, 1], (...i) => row(i.slice(0, -1)).inverse),
      ];
    },
  })),
};

export const matmulAndNorm = { matmul, affine, layerNorm } satisfies Partial<Record<OperatorName, Entry>>;

const groupNorm: Entry = {
  cases: fc
    .record({ b: size, groups: size, each: fc.integer({ min: 1, max: 2 }), rest: shapes(0, 2), seed: seeds })
    .map(({ b, groups, each, rest, seed }) => ({
      note: `${groups} groups`,
      args: channelArgs([b, groups * each, ...rest], seed),
      build: ([x, scale, bias]) => [t.groupNorm(x!, scale!, bias!, groups, EPSILON)],
      reference: ([x, scale, bias]) => [
        normalised(x!, ([sample, c]) => `${sample},${Math.floor(c! / each)}`, scale!, bias!, 1),
      ],
    })),
};

const channelShapes = fc
  .tuple(fc.integer({ min: 2, max: 4 }), size, shapes(0, 2))
  .map(([b, c, rest]) => [b, c, ...rest]);

function channelArgs(shape: readonly number[], seed: number): Argument[] {
  const c = shape[1]!;
  return [draw(shape, seed), draw([c], seed + 1), draw([c], seed + 2)];
}

const batchNorm: Entry = {
  cases: fc.tuple(channelShapes, seeds).map(([shape, seed]) => ({
    args: channelArgs(shape, seed),
    build: ([x, scale, bias]) => {
      const { y, mean, variance } = t.batchNorm(x!, scale!, bias!, EPSILON);
      return [y, mean, variance];
    },
    reference: ([x, scale, bias]) => {
      const channel = (c: number) =>
        moments(
          indicesOf(shape)
            .filter((i) => i[1] === c)
            .map((i) => x!.at(...i)),
        );
      return [
        normalised(x!, (index) => String(index[1]), scale!, bias!, 1),
        fill([shape[1]!], (c) => channel(c!).mean),
        fill([shape[1]!], (c) => channel(c!).variance),
      ];
    },
  })),
};

const batchNormWith: Entry = {
  cases: fc.tuple(channelShapes, seeds).map(([shape, seed]) => {
    const c = [shape[1]!];
    return {
      args: [...channelArgs(shape, seed), draw(c, seed + 3), uniform(0.5, 2)(c, seed + 4)],
      build: ([x, scale, bias, mean, variance]) => [
        t.batchNormWith(x!, scale!, bias!, { mean: mean!, variance: variance! }, EPSILON),
      ],
      reference: ([x, scale, bias, mean, variance]) => [
        fill(shape, (...i) => {
          const channel = i[1]!;
          const deviation = Math.sqrt(variance!.at(channel) + EPSILON);
          return ((x!.at(...i) - mean!.at(channel)) / deviation) * scale!.at(channel) + bias!.at(channel);
        }),
      ],
    };
  }),
};

/** Functions of these families that are composed of operators. */
export const matmulAndNormFunctions = {
  "affine without bias": affineWithoutBias,
  groupNorm,
  batchNorm,
  batchNormWith,
} satisfies Record<string, Entry>;
