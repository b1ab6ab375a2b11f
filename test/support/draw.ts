/**
 * Random arguments of operators: shapes from fast-check, elements from a seed, so that shrinking changes only
 * shapes.
 */
import type { DType, Shape } from "afterimage/tensor";
import fc from "fast-check";
import { NdArray } from "./nd-array.ts";

/** An array to feed, with its type. Elements of float32 arrays are float32 numbers. */
export class Argument extends NdArray {
  readonly dtype: DType;

  constructor(shape: Shape, data: readonly number[], dtype: DType = "float32") {
    super(shape, dtype === "float32" ? data.map(Math.fround) : data);
    this.dtype = dtype;
  }

  /** The text in fast-check's reports. */
  [fc.toStringMethod](): string {
    return `${this.dtype}[${this.shape}]`;
  }
}

/** Fills a shape with elements drawn from a seed. */
export type Draw = (shape: Shape, seed: number) => Argument;

/** A small generator (mulberry32): numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = (seed * 0x9e3779b1 + 0x6d2b79f5) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sizeOf = (shape: Shape) => shape.reduce((size, axis) => size * axis, 1);

function drawn(element: (random: () => number) => number, dtype: DType = "float32"): Draw {
  return (shape, seed) => {
    const random = generator(seed);
    return new Argument(
      shape,
      Array.from({ length: sizeOf(shape) }, () => element(random)),
      dtype,
    );
  };
}

/** Uniform in [low, high). */
export const uniform = (low: number, high: number) => drawn((random) => low + (high - low) * random());

/** Of either sign, with a magnitude in [low, high): away from zero. */
export const awayFromZero = (low: number, high: number) =>
  drawn((random) => (random() < 0.5 ? -1 : 1) * (low + (high - low) * random()));

/**
 * Multiples of 0.2 from -2 to 2, plus `shift`. Steps and kinks between them are never nearer than the shift.
 */
export const grid = (shift: number) => drawn((random) => 0.2 * Math.floor(random() * 21 - 10) + shift);

export const integers = (low: number, high: number, dtype: DType) =>
  drawn((random) => low + Math.floor(random() * (high - low + 1)), dtype);

export const booleans = integers(0, 1, "bool");

/** No two elements closer than 0.1, in random order. */
export const distinct: Draw = (shape, seed) => {
  const random = generator(seed);
  const count = sizeOf(shape);
  const order = Array.from({ length: count }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
  return new Argument(
    shape,
    order.map(({ i }) => (i - count / 2) * 0.1),
  );
};

/** Shapes with axes of 1 to 4, of the given ranks. */
export const shapes = (minRank = 0, maxRank = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });

export interface BroadcastShapes {
  /** The shape that every part broadcasts to. */
  whole: number[];
  /** The shape that the parts broadcast to together. */
  out: number[];
  parts: number[][];
}

/** `count` shapes that broadcast to one another: leading axes left out, others of size 1. */
export function broadcastShapes(count: number, maxRank = 4): fc.Arbitrary<BroadcastShapes> {
  return shapes(0, maxRank).chain((whole) =>
    fc
      .array(fc.tuple(fc.nat({ max: whole.length }), fc.array(fc.boolean(), sameLength(whole))), {
        minLength: count,
        maxLength: count,
      })
      .map((choices) => {
        const parts = choices.map(([drop, ones]) => whole.map((n, a) => (ones[a] ? 1 : n)).slice(drop));
        return { whole, out: broadcast(parts), parts };
      }),
  );
}

function sameLength(list: readonly unknown[]) {
  return { minLength: list.length, maxLength: list.length };
}

function broadcast(parts: readonly Shape[]): number[] {
  const rank = Math.max(...parts.map((part) => part.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...parts.map((part) => part[axis - rank + part.length] ?? 1)),
  );
}

/** An axis of a tensor of this rank, counted from either end. */
export const axisOf = (rank: number) => fc.integer({ min: -rank, max: rank - 1 });

/** The axis counted from the front. */
export const fromFront = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

export const seeds = fc.nat({ max: 1e6 });
