/**
 * A hue shift in HSV, exact, without leaving RGB.
 *
 * HSV's hue moves round a hexagon. On each side one channel is the largest, one the smallest, and the third
 * goes from one to the other. A shift by F sixths of a turn, |F| ≤ 1, moves this middle channel by F·C (C the
 * largest minus the smallest). The part that goes beyond the corner is taken from the channel that follows.
 * With p(X, Y) = min(max(X - Y, 0), |F|·C) this is, for red, and in cyclic order for green and blue,
 *
 *   R' = R - max(±(p(R, B) - p(R, G)), 0) + max(±(p(B, R) - p(G, R)), 0), ± the sign of F.
 *
 * These are differences, minima and maxima: four small matrices over the channels, with a ReLU after each but
 * the last. C itself is half the sum of max(X - Y, 0) over all ordered pairs.
 *
 * Source of the computation: torchvision `adjust_hue` (A. R. Smith 1978, "Color gamut transform pairs").
 */
import { add, relu } from "../tensor/index.ts";
import { mixChannels } from "./channel-mix.ts";
import type { ParameterMap } from "./parameter-maps.ts";
import { PARAMETER } from "./view-parameters.ts";
import type { ViewStep } from "./view-step.ts";

const CHANNELS = [0, 1, 2] as const;
/** Ordered pairs of channels. */
const PAIRS = CHANNELS.flatMap((x) => CHANNELS.filter((y) => y !== x).map((y) => [x, y] as const));
const pairIndex = (x: number, y: number) => PAIRS.findIndex(([a, b]) => a === x && b === y);
/** Each channel with the one that follows it round the hexagon and the one before it. */
const CYCLES = CHANNELS.map((c) => ({ c, next: (c + 1) % 3, before: (c + 2) % 3 }));

/** A row-major matrix from its entries that are not zero. */
function matrix(
  rows: number,
  cols: number,
  entries: readonly (readonly [number, number, number])[],
): number[] {
  const values = new Array<number>(rows * cols).fill(0);
  for (const [row, col, value] of entries) values[row * cols + col]! += value;
  return values;
}

const NONE: ParameterMap["columns"] = new Map();

/** RGB to the six X - Y, of which the ReLU keeps the positive ones. */
const DIFFERENCES = matrix(
  6,
  3,
  PAIRS.flatMap(([x, y], row) => [[row, x, 1] as const, [row, y, -1] as const]),
);

/** To |F|·C - max(X - Y, 0), whose positive part is |F|·C - p(X, Y). */
const ROOM: ParameterMap = {
  bias: matrix(
    6,
    6,
    PAIRS.map((_, i) => [i, i, -1] as const),
  ),
  columns: new Map([[PARAMETER.hueShift, new Array<number>(36).fill(0.5)]]),
};

/**
 * To what each channel loses (rows 0 to 2) and gains (3 to 5), if positive: differences of p, as |F|·C
 * cancels.
 */
const MOVES: ParameterMap = {
  bias: new Array<number>(36).fill(0),
  columns: new Map([
    [
      PARAMETER.hueSign,
      matrix(
        6,
        6,
        CYCLES.flatMap(({ c, next, before }) => [
          [c, pairIndex(c, next), 1] as const,
          [c, pairIndex(c, before), -1] as const,
          [3 + c, pairIndex(next, c), 1] as const,
          [3 + c, pairIndex(before, c), -1] as const,
        ]),
      ),
    ],
  ]),
};

const SUMS = matrix(
  3,
  6,
  CHANNELS.flatMap((c) => [[c, c, -1] as const, [c, 3 + c, 1] as const]),
);

/** Shifts the hue of `[B, 3, H, W]` by the parameters' share of a sixth of a turn. */
export const hueShift: ViewStep = {
  maps: [{ bias: DIFFERENCES, columns: NONE }, ROOM, MOVES, { bias: SUMS, columns: NONE }],
  apply(x, [differences, room, moves, sums]) {
    const apart = mixChannels(x, differences!, { after: relu }); // [B, 6, H, W]
    const left = mixChannels(apart, room!, { after: relu });
    const moved = mixChannels(left, moves!, { after: relu });
    return add(x, mixChannels(moved, sums!));
  },
};
