/** Uses of pooling. */
import type { OperatorName, Tensor } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import { type Draw, distinct, seeds, uniform } from "../support/draw.ts";
import type { Case } from "../support/gradcheck.ts";
import { fill } from "../support/nd-array.ts";
import { between, each, type Pair, pair } from "./convolution.ts";
import type { Entry } from "./entry.ts";

interface Windows {
  kernel: Pair;
  stride: Pair;
  padding: Pair;
  size: Pair;
  b: number;
  c: number;
  seed: number;
}

const windows = fc
  .record({
    kernel: pair(1, 3),
    stride: pair(1, 3),
    wide: pair(0, 1),
    extra: pair(0, 4),
    b: between(1, 2),
    c: between(1, 3),
    seed: seeds,
  })
  .map((w) => {
    const padding = each((i) => w.wide[i] * Math.floor(w.kernel[i] / 2));
    return { ...w, padding, size: each((i) => Math.max(1, w.kernel[i] - 2 * padding[i]) + w.extra[i]) };
  });

/** ResNet's stem, the whole picture, and a stride that skips elements. */
const EXAMPLES: readonly Windows[] = [
  { kernel: [3, 3], stride: [2, 2], padding: [1, 1], size: [6, 5], b: 2, c: 2, seed: 1 },
  { kernel: [4, 5], stride: [4, 5], padding: [0, 0], size: [4, 5], b: 2, c: 2, seed: 2 },
  { kernel: [2, 2], stride: [3, 3], padding: [0, 0], size: [7, 7], b: 1, c: 1, seed: 3 },
];

/** `f` gets the elements of a window, and null for each place in the padding. */
function pooling(
  build: (x: Tensor, options: t.PoolOptions) => Tensor,
  f: (window: (number | null)[]) => number,
  draw: Draw,
): Entry {
  const caseOf = ({ kernel, stride, padding, size, b, c, seed }: Windows): Case => ({
    note: `kernel ${kernel}, stride ${stride}, padding ${padding}`,
    args: [draw([b, c, ...size], seed)],
    build: ([x]) => [build(x!, { kernel, stride, padding })],
    reference([x]) {
      const out = each((i) => Math.floor((size[i] + 2 * padding[i] - kernel[i]) / stride[i]) + 1);
      const element = (sample: number, channel: number, row: number, column: number) => {
        const inside = row >= 0 && row < size[0] && column >= 0 && column < size[1];
        return inside ? x!.at(sample, channel, row, column) : null;
      };
      return [
        fill([b, c, ...out], (sample, channel, y, z) => {
          const window = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
            const row = y! * stride[0] - padding[0] + Math.floor(tap / kernel[1]);
            return element(sample!, channel!, row, z! * stride[1] - padding[1] + (tap % kernel[1]));
          });
          return f(window);
        }),
      ];
    },
  });
  return { cases: windows.map(caseOf), examples: EXAMPLES.map(caseOf) };
}

const largest = (window: (number | null)[]) => Math.max(...window.filter((value) => value !== null));
/** Padding counts as zeros. */
const average = (window: (number | null)[]) =>
  window.reduce<number>((sum, value) => sum + (value ?? 0), 0) / window.length;

export const pools = {
  maxPool: pooling(t.maxPool, largest, distinct),
  averagePool: pooling(t.averagePool, average, uniform(-1, 1)),
} satisfies Partial<Record<OperatorName, Entry>>;
