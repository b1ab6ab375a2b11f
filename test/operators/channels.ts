/** Uses of the operators that act by channel. */
import type { OperatorName } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import { type Argument, seeds, shapes, uniform } from "../support/draw.ts";
import { fill, indicesOf, type NdArray } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

const draw = uniform(-2, 2);

/** `[B, C, …]` with up to two more axes. */
const pictures = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), shapes(0, 2))
  .map(([b, c, rest]) => [b, c, ...rest]);

/** The sum of f over all elements of a channel. */
function perChannel(x: NdArray, f: (index: readonly number[]) => number): NdArray {
  const indices = indicesOf(x.shape);
  return fill([x.shape[1]!], (c) =>
    indices.filter((index) => index[1] === c).reduce((sum, index) => sum + f(index), 0),
  );
}

function mean(x: NdArray, f: (value: number, index: readonly number[]) => number): NdArray {
  const count = x.data.length / x.shape[1]!;
  return perChannel(x, (index) => f(x.at(...index), index) / count);
}

const channelAffine: Entry = {
  cases: fc.tuple(pictures, seeds).map(([shape, seed]) => ({
    args: [draw(shape, seed), draw([shape[1]!], seed + 1), draw([shape[1]!], seed + 2)],
    build: ([x, gain, shift]) => [t.channelAffine(x!, gain!, shift!)],
    reference: ([x, gain, shift]) => [
      fill(shape, (...i) => x!.at(...i) * gain!.at(i[1]!) + shift!.at(i[1]!)),
    ],
  })),
};

const channelDot: Entry = {
  cases: fc.tuple(pictures, seeds).map(([shape, seed]) => ({
    args: [draw(shape, seed), draw(shape, seed + 1)],
    build: ([a, b]) => [t.channelDot(a!, b!)],
    reference: ([a, b]) => [perChannel(a!, (i) => a!.at(...i) * b!.at(...i))],
  })),
};

const channelMoments: Entry = {
  cases: fc.tuple(pictures, seeds).map(([shape, seed]) => ({
    args: [draw(shape, seed)],
    build: ([x]) => {
      const { mean, variance } = t.channelMoments(x!);
      return [mean, variance];
    },
    reference([x]: readonly Argument[]) {
      const means = mean(x!, (value) => value);
      return [means, mean(x!, (value, i) => (value - means.at(i[1]!)) ** 2)];
    },
  })),
};

export const channels = { channelAffine, channelDot, channelMoments } satisfies Partial<
  Record<OperatorName, Entry>
>;
