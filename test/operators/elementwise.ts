/** Uses of the element-wise operators, each with its function of one number. */
import type { OperatorName, Tensor } from "afterimage/tensor";
import * as t from "afterimage/tensor";
import fc from "fast-check";
import {
  awayFromZero,
  booleans,
  broadcastShapes,
  type Draw,
  grid,
  integers,
  seeds,
  shapes,
  uniform,
} from "../support/draw.ts";
import { fill, total } from "../support/nd-array.ts";
import type { Entry } from "./entry.ts";

function unary(build: (x: Tensor) => Tensor, f: (x: number) => number, ...draws: Draw[]): Entry {
  return {
    cases: fc.tuple(shapes(), seeds, fc.constantFrom(...draws)).map(([shape, seed, draw]) => ({
      args: [draw(shape, seed)],
      build: ([x]) => [build(x!)],
      reference: ([x]) => [x!.map(f)],
    })),
  };
}

function binary(
  build: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
  ...draws: (readonly [Draw, Draw])[]
): Entry {
  return {
    cases: fc
      .tuple(broadcastShapes(2), seeds, fc.constantFrom(...draws))
      .map(([{ out, parts }, seed, [drawA, drawB]]) => ({
        args: [drawA(parts[0]!, seed), drawB(parts[1]!, seed + 1)],
        build: ([a, b]) => [build(a!, b!)],
        reference: ([a, b]) => [fill(out, (...i) => f(a!.broadcastAt(...i), b!.broadcastAt(...i)))],
      })),
  };
}

const smooth = uniform(-2, 2);
const positive = uniform(0.5, 2);
const nonZero = awayFromZero(0.5, 2);
/** Halfway between kinks, which are at multiples of 0.2 including zero. */
const offKink = grid(0.1);
const truth = (holds: boolean) => (holds ? 1 : 0);
const sameType = (dtype: "float32" | "int64" | "int32"): readonly [Draw, Draw] => [
  integers(-1, 1, dtype),
  integers(-1, 1, dtype),
];

/** The series of the error function, accurate to double precision for |x| up to 3. */
function erf(x: number): number {
  let power = x;
  const sum = total(60, (n) => {
    const term = power / (2 * n + 1);
    power *= -(x * x) / (n + 1);
    return term;
  });
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const pow: Entry = {
  cases: fc
    .tuple(
      shapes(),
      seeds,
      fc.constantFrom(
        ...[-2, -1, -0.5, 0, 0.5, 1, 2.5].map((p) => [p, positive] as const),
        ...[-1, 0, 1, 2, 3].map((p) => [p, nonZero] as const),
        ...[0, 1, 2, 3].map((p) => [p, integers(0, 0, "float32")] as const),
      ),
    )
    .map(([shape, seed, [p, draw]]) => ({
      note: `power ${p}`,
      args: [draw(shape, seed)],
      build: ([x]) => [t.pow(x!, p)],
      reference: ([x]) => [x!.map((value) => value ** p)],
    })),
};

const clip: Entry = {
  cases: fc
    .tuple(
      shapes(),
      seeds,
      fc.constantFrom([-1, 1], [0, 0.4], [-Infinity, 0.2], [-5, 5], [0.2, 0.2] as const),
    )
    .map(([shape, seed, [low, high]]) => ({
      note: `between ${low} and ${high}`,
      args: [offKink(shape, seed)],
      build: ([x]) => [t.clip(x!, low!, high!)],
      reference: ([x]) => [x!.map((value) => Math.min(Math.max(value, low!), high!))],
    })),
};

const where: Entry = {
  cases: fc
    .tuple(broadcastShapes(3), seeds, fc.constantFrom<Draw>(smooth, integers(-5, 5, "int64")))
    .map(([{ out, parts }, seed, draw]) => ({
      args: [booleans(parts[0]!, seed), draw(parts[1]!, seed + 1), draw(parts[2]!, seed + 2)],
      build: ([c, a, b]) => [t.where(c!, a!, b!)],
      reference: ([c, a, b]) => [fill(out, (...i) => (c!.broadcastAt(...i) ? a : b)!.broadcastAt(...i))],
    })),
};

const TARGETS = ["float32", "int32", "int64", "uint8", "bool"] as const;

const cast: Entry = {
  cases: fc
    .tuple(
      shapes(),
      seeds,
      fc.constantFrom<Draw>(uniform(0, 9), integers(0, 9, "int64"), integers(0, 9, "int32"), booleans),
      fc.constantFrom(...TARGETS),
    )
    .map(([shape, seed, draw, target]) => ({
      note: `to ${target}`,
      args: [draw(shape, seed)],
      build: ([x]) => [t.cast(x!, target)],
      reference: ([x]) => [
        x!.map((value) => {
          if (target === "bool") return truth(value !== 0);
          return target === "float32" ? value : Math.trunc(value);
        }),
      ],
    })),
};

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

export const elementwise = {
  neg: unary(t.neg, (x) => -x, smooth, integers(-5, 5, "int64")),
  exp: unary(t.exp, Math.exp, smooth),
  log: unary(t.log, Math.log, positive),
  sqrt: unary(t.sqrt, Math.sqrt, positive),
  reciprocal: unary(t.reciprocal, (x) => 1 / x, nonZero),
  abs: unary(t.abs, Math.abs, nonZero),
  sin: unary(t.sin, Math.sin, smooth),
  cos: unary(t.cos, Math.cos, smooth),
  tanh: unary(t.tanh, Math.tanh, smooth),
  sigmoid: unary(t.sigmoid, logistic, smooth, uniform(-12, 12)),
  softplus: unary(t.softplus, (x) => Math.log1p(Math.exp(x)), smooth, uniform(-50, 80)),
  relu: unary(t.relu, (x) => Math.max(0, x), offKink),
  erf: unary(t.erf, erf, smooth),
  gelu: unary(t.gelu, (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)), smooth),
  sign: unary(t.sign, Math.sign, nonZero, integers(-1, 1, "int64")),
  step: unary(t.step, (x) => (x > 0 ? 1 : 0), offKink),
  floor: unary(t.floor, Math.floor, offKink),
  not: unary(t.not, (x) => truth(x === 0), booleans),
  add: binary(t.add, (a, b) => a + b, [smooth, smooth], sameType("int64"), sameType("int32")),
  sub: binary(t.sub, (a, b) => a - b, [smooth, smooth], sameType("int64")),
  mul: binary(t.mul, (a, b) => a * b, [smooth, smooth], sameType("int64")),
  div: binary(t.div, (a, b) => a / b, [smooth, nonZero]),
  maximum: binary(t.maximum, Math.max, [grid(0), offKink], sameType("int64")),
  minimum: binary(t.minimum, Math.min, [grid(0), offKink], sameType("int64")),
  greater: binary(t.greater, (a, b) => truth(a > b), sameType("float32"), sameType("int64")),
  greaterEqual: binary(t.greaterEqual, (a, b) => truth(a >= b), sameType("float32"), sameType("int32")),
  less: binary(t.less, (a, b) => truth(a < b), sameType("float32"), sameType("int64")),
  lessEqual: binary(t.lessEqual, (a, b) => truth(a <= b), sameType("float32"), sameType("int32")),
  equal: binary(t.equal, (a, b) => truth(a === b), sameType("float32"), sameType("int64"), [
    booleans,
    booleans,
  ]),
  and: binary(t.and, (a, b) => truth(a !== 0 && b !== 0), [booleans, booleans]),
  or: binary(t.or, (a, b) => truth(a !== 0 || b !== 0), [booleans, booleans]),
  pow,
  clip,
  where,
  cast,
} satisfies Partial<Record<OperatorName, Entry>>;

/** Functions of this family that are composed of operators. */
export const elementwiseFunctions = {
  silu: unary(t.silu, (x) => x * logistic(x), smooth),
  square: unary(t.square, (x) => x * x, smooth),
  "a number as an operand": unary(
    (x) => t.sub(2, t.div(x, 3)),
    (x) => 2 - x / 3,
    smooth,
  ),
  "one tensor as both operands": unary(
    (x) => t.mul(x, t.add(x, x)),
    (x) => 2 * x * x,
    smooth,
  ),
} satisfies Record<string, Entry>;
