/** Uses of the operators that bring values in, and of those that only define a derivative. */
import type { OperatorName } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import { booleans, type Draw, integers, seeds, shapes, uniform } from "../support/draw.ts";
import { fill, NdArray } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

const draw = uniform(-2, 2);
const anyType = fc.constantFrom<Draw>(
  draw,
  integers(-9, 9, "int64"),
  integers(-9, 9, "int32"),
  integers(0, 255, "uint8"),
  booleans,
);

const input: Entry = {
  cases: fc.tuple(shapes(), seeds, anyType).map(([shape, seed, drawAny]) => ({
    args: [drawAny(shape, seed)],
    build: ([x]) => [x!],
    reference: ([x]) => [x!],
  })),
};

const constant: Entry = {
  cases: fc.tuple(shapes(), seeds, anyType).map(([shape, seed, drawAny]) => {
    const value = drawAny(shape, seed);
    return {
      args: [draw(shape, seed)],
      build: () => [t.constant(value.data, shape, value.dtype)],
      reference: () => [value],
    };
  }),
};

const full: Entry = {
  cases: fc.tuple(shapes(), fc.constantFrom(0, 1, -2.5)).map(([shape, value]) => ({
    args: [],
    build: () => [t.full(shape, value)],
    reference: () => [fill(shape, () => value)],
  })),
};

const stopGradient: Entry = {
  stopsGradient: true,
  cases: fc.tuple(shapes(), seeds).map(([shape, seed]) => ({
    args: [draw(shape, seed)],
    build: ([x]) => [t.stopGradient(x!)],
    reference: ([x]) => [x!],
  })),
};

/** x·eʸ with a derivative given by hand. Its value is detached from the graph that computed it. */
const derivative: Entry = {
  cases: fc.tuple(shapes(), seeds).map(([shape, seed]) => ({
    args: [draw(shape, seed), draw(shape, seed + 1)],
    build: ([x, y]) => {
      const [grown, value] = [t.exp(y!), t.mul(x!, t.exp(y!))];
      return [t.withDerivative(t.stopGradient(value), [x!, y!], (g) => [t.mul(g, grown), t.mul(g, value)])];
    },
    reference: ([x, y]) => [
      new NdArray(
        shape,
        x!.data.map((value, i) => value * Math.exp(y!.data[i]!)),
      ),
    ],
  })),
};

export const source = { input, constant, stopGradient, derivative } satisfies Partial<
  Record<OperatorName, Entry>
>;

/** Functions of this family that are composed of operators. */
export const sourceFunctions = { full } satisfies Record<string, Entry>;
