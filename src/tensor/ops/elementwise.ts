/** Operators on each element by itself, with NumPy's broadcasting, and their derivatives. */
import type { OnnxOperator } from "../../onnx/attributes.ts";
import { ELEMENT_TYPES } from "../../onnx/operators.ts";
import {
  apply1,
  BOOL,
  type DType,
  type Emitter,
  FLOAT,
  NUMBER,
  type One,
  type Operator,
  requireType,
  type Shape,
  SIGNED,
  shapeError,
  Tensor,
  type Three,
  type Two,
} from "../tensor.ts";
import { sumTo } from "./movement.ts";
import { asTensor, type Operand } from "./source.ts";

/** The shape that two shapes broadcast to. */
export function broadcastShape(operator: string, inputs: readonly Tensor[]): Shape {
  const rank = Math.max(...inputs.map((x) => x.rank));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = inputs.map((x) => x.shape[axis - rank + x.rank] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) throw shapeError(operator, "shapes that broadcast", inputs);
    return sizes[0] ?? 1;
  });
}

type UnaryRule = (g: Tensor, x: Tensor, y: Tensor) => Tensor | null;

function unary(
  name: string,
  onnx: OnnxOperator,
  derivative: UnaryRule | "non-differentiable",
  types: readonly DType[] = FLOAT,
): Operator<null, One, One> {
  return {
    name,
    infer(inputs) {
      requireType(name, types, inputs);
      return [inputs[0]];
    },
    gradient:
      derivative === "non-differentiable"
        ? derivative
        : { rule: ({ inputs: [x], outputs: [y], grads: [g] }) => [derivative(g, x, y)] },
    emit: (e, inputs) => e.node(onnx, inputs),
    pointwise: true,
  };
}

type BinaryRule = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor];

function binary(
  name: string,
  onnx: OnnxOperator,
  derivative: BinaryRule | "non-differentiable",
  { types = NUMBER, result }: { types?: readonly DType[]; result?: DType } = {},
): Operator<null, Two, One> {
  return {
    name,
    infer(inputs) {
      requireType(name, types, inputs);
      return [{ shape: broadcastShape(name, inputs), dtype: result ?? inputs[0].dtype }];
    },
    gradient:
      derivative === "non-differentiable"
        ? derivative
        : {
            rule({ inputs: [a, b], outputs: [y], grads: [g] }) {
              const [ga, gb] = derivative(g, a, b, y);
              return [sumTo(ga, a.shape), sumTo(gb, b.shape)];
            },
          },
    emit: (e, inputs) => e.node(onnx, inputs),
    pointwise: true,
  };
}

export const unaryOperators = {
  neg: unary("neg", "Neg", (g) => neg(g), SIGNED),
  exp: unary("exp", "Exp", (g, _x, y) => mul(g, y)),
  log: unary("log", "Log", (g, x) => div(g, x)),
  sqrt: unary("sqrt", "Sqrt", (g, _x, y) => div(mul(g, 0.5), y)),
  reciprocal: unary("reciprocal", "Reciprocal", (g, _x, y) => neg(mul(g, mul(y, y)))),
  abs: unary("abs", "Abs", (g, x) => mul(g, sign(x)), NUMBER),
  sin: unary("sin", "Sin", (g, x) => mul(g, cos(x))),
  cos: unary("cos", "Cos", (g, x) => neg(mul(g, sin(x)))),
  tanh: unary("tanh", "Tanh", (g, _x, y) => mul(g, sub(1, mul(y, y)))),
  sigmoid: unary("sigmoid", "Sigmoid", (g, _x, y) => mul(g, mul(y, sub(1, y)))),
  softplus: unary("softplus", "Softplus", (g, x) => mul(g, sigmoid(x))),
  relu: unary("relu", "Relu", (g, _x, y) => mul(g, step(y))),
  // d erf(x)/dx = 2/√π · exp(-x²)
  erf: unary("erf", "Erf", (g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  // d gelu(x)/dx = Φ(x) + x·φ(x), Φ and φ the normal distribution's cumulative and density
  gelu: {
    ...unary("gelu", "Gelu", (g, x) => mul(g, geluDerivative(x))),
    emit: (e: Emitter, [x]: readonly [string]) => (e.has("Gelu") ? e.node("Gelu", [x]) : emitGelu(e, x)),
  },
  sign: unary("sign", "Sign", "non-differentiable", NUMBER),
  floor: unary("floor", "Floor", "non-differentiable"),
  not: unary("not", "Not", "non-differentiable", BOOL),
} satisfies Record<string, Operator<null, One, One>>;

const COMPARISON = { result: "bool" } as const;

export const binaryOperators = {
  add: binary("add", "Add", (g) => [g, g]),
  sub: binary("sub", "Sub", (g) => [g, neg(g)]),
  mul: binary("mul", "Mul", (g, a, b) => [mul(g, b), mul(g, a)]),
  div: binary("div", "Div", (g, _a, b, y) => {
    const ga = div(g, b);
    return [ga, neg(mul(ga, y))];
  }),
  maximum: binary("maximum", "Max", (g, a, b) => shareBetween(g, greater(a, b), equal(a, b))),
  minimum: binary("minimum", "Min", (g, a, b) => shareBetween(g, less(a, b), equal(a, b))),
  greater: binary("greater", "Greater", "non-differentiable", COMPARISON),
  greaterEqual: binary("greaterEqual", "GreaterOrEqual", "non-differentiable", COMPARISON),
  less: binary("less", "Less", "non-differentiable", COMPARISON),
  lessEqual: binary("lessEqual", "LessOrEqual", "non-differentiable", COMPARISON),
  equal: binary("equal", "Equal", "non-differentiable", { types: [...NUMBER, "bool"], result: "bool" }),
  and: binary("and", "And", "non-differentiable", { types: BOOL }),
  or: binary("or", "Or", "non-differentiable", { types: BOOL }),
} satisfies Record<string, Operator<null, Two, One>>;

export const powOperator: Operator<number, One, One> = {
  name: "pow",
  infer(inputs) {
    requireType("pow", FLOAT, inputs);
    return [inputs[0]];
  },
  gradient: {
    // x⁰ is 1 everywhere: 0·x⁻¹ would be no number at 0.
    rule: ({ inputs: [x], grads: [g], attrs: p }) => [p === 0 ? null : mul(g, mul(pow(x, p - 1), p))],
  },
  emit: (e, [x], p) => e.node("Pow", [x, e.constant(Float32Array.of(p), [], "float32")]),
  pointwise: true,
};

export interface ClipAttrs {
  low: number;
  high: number;
}

export const clipOperator: Operator<ClipAttrs, One, One> = {
  name: "clip",
  infer(inputs, { low, high }) {
    requireType("clip", FLOAT, inputs);
    if (!(low <= high)) throw shapeError("clip", `bounds in order, not ${low} and ${high}`, inputs);
    return [inputs[0]];
  },
  gradient: {
    rule: ({ inputs: [x], grads: [g], attrs: { low, high } }) => [
      where(and(greaterEqual(x, low), lessEqual(x, high)), g, 0),
    ],
  },
  emit: (e, [x], { low, high }) =>
    e.node("Clip", [
      x,
      e.constant(Float32Array.of(low), [], "float32"),
      e.constant(Float32Array.of(high), [], "float32"),
    ]),
  pointwise: true,
};

/** The slope of a hard sigmoid that is a step for every float32: a normal number times this is above 1. */
const STEEPEST = 3.4028234663852886e38;

export const stepOperator: Operator<null, One, One> = {
  name: "step",
  infer(inputs) {
    requireType("step", FLOAT, inputs);
    return [inputs[0]];
  },
  gradient: "non-differentiable",
  // One quick pass: a comparison and a cast are two, and Where takes as long as six (ARCHITECTURE.md).
  emit: (e, [x]) => e.node("HardSigmoid", [x], { alpha: STEEPEST, beta: 0 }),
  pointwise: true,
};

export const whereOperator: Operator<null, Three, One> = {
  name: "where",
  infer(inputs) {
    const [condition, ...choices] = inputs;
    requireType("where (its condition)", BOOL, [condition]);
    requireType("where", NUMBER, choices);
    return [{ shape: broadcastShape("where", inputs), dtype: choices[0].dtype }];
  },
  gradient: {
    rule: ({ inputs: [condition, a, b], grads: [g] }) => [
      null,
      sumTo(where(condition, g, 0), a.shape),
      sumTo(where(condition, 0, g), b.shape),
    ],
  },
  emit: (e, inputs) => e.node("Where", inputs),
  pointwise: true,
};

export const castOperator: Operator<DType, One, One> = {
  name: "cast",
  infer: ([x], dtype) => [{ shape: x.shape, dtype }],
  // One side is never float32, the only type with gradients.
  gradient: "non-differentiable",
  emit: (e, [x], dtype) => e.node("Cast", [x], { to: ELEMENT_TYPES[dtype] }),
  pointwise: true,
};

const un = unaryOperators;
const bi = binaryOperators;
type Unary = (x: Tensor) => Tensor;
type Binary = (a: Operand, b: Operand) => Tensor;

/*
 * Functions of one tensor keep its shape. They take float32, but for neg, abs and sign, which take whole numbers too, and
 * not, which takes bool. A number stands for a scalar in functions of two. Errors: `tensor/dtype` for other types or two
 * different ones, `tensor/shape` for shapes that do not broadcast (NumPy's rules).
 */

/** -x. */
export const neg: Unary = (x) => apply1(un.neg, [x], null);
/** eˣ; infinite above 88.7. */
export const exp: Unary = (x) => apply1(un.exp, [x], null);
/** Natural logarithm, for x above 0: -∞ at 0, NaN below. Derivative 1/x. */
export const log: Unary = (x) => apply1(un.log, [x], null);
/** √x, for x of 0 and more: NaN below. Derivative 1/(2√x), infinite at 0. */
export const sqrt: Unary = (x) => apply1(un.sqrt, [x], null);
/** 1/x; infinite at 0. */
export const reciprocal: Unary = (x) => apply1(un.reciprocal, [x], null);
/** |x|. Derivative: the sign of x, 0 at 0. */
export const abs: Unary = (x) => apply1(un.abs, [x], null);
/** Sine of x in radians. */
export const sin: Unary = (x) => apply1(un.sin, [x], null);
/** Cosine of x in radians. */
export const cos: Unary = (x) => apply1(un.cos, [x], null);
/** Hyperbolic tangent, in [-1, 1]. Derivative 1 - tanh²(x). */
export const tanh: Unary = (x) => apply1(un.tanh, [x], null);
/** 1/(1 + e⁻ˣ), in [0, 1]. Derivative σ·(1 - σ). */
export const sigmoid: Unary = (x) => apply1(un.sigmoid, [x], null);
/** log(1 + eˣ). Derivative σ(x). */
export const softplus: Unary = (x) => apply1(un.softplus, [x], null);
/** The larger of x and 0. Derivative 1 above 0, else 0. */
export const relu: Unary = (x) => apply1(un.relu, [x], null);
/** The error function, 2/√π · ∫₀ˣ exp(-t²) dt, in [-1, 1]. */
export const erf: Unary = (x) => apply1(un.erf, [x], null);
/** x·Φ(x), the exact form (Hendrycks and Gimpel, arXiv 1606.08415). */
export const gelu: Unary = (x) => apply1(un.gelu, [x], null);
/** -1, 0 or 1. No gradient passes. */
export const sign: Unary = (x) => apply1(un.sign, [x], null);
/** 1 where x is above 0, else 0. No gradient passes. */
export const step: Unary = (x) => apply1(stepOperator, [x], null);
/** The largest whole number that is not above x. No gradient passes. */
export const floor: Unary = (x) => apply1(un.floor, [x], null);
/** Whether x is false. */
export const not: Unary = (x) => apply1(un.not, [x], null);
/** x². */
export const square: Unary = (x) => mul(x, x);
/** x·σ(x). */
export const silu: Unary = (x) => mul(x, sigmoid(x));

/** a + b. */
export const add: Binary = (a, b) => apply1(bi.add, pair(a, b), null);
/** a - b. */
export const sub: Binary = (a, b) => apply1(bi.sub, pair(a, b), null);
/** a · b, element by element. */
export const mul: Binary = (a, b) => apply1(bi.mul, pair(a, b), null);
/** a / b; of whole numbers the quotient towards 0. */
export const div: Binary = (a, b) => apply1(bi.div, pair(a, b), null);
/** The larger of each pair; equal ones share the gradient, as in PyTorch. */
export const maximum: Binary = (a, b) => apply1(bi.maximum, pair(a, b), null);
/** The smaller of each pair; equal ones share the gradient. */
export const minimum: Binary = (a, b) => apply1(bi.minimum, pair(a, b), null);
/** Whether a > b, as bool; no gradient passes, nor in the four that follow. */
export const greater: Binary = (a, b) => apply1(bi.greater, pair(a, b), null);
/** Whether a ≥ b, as bool. */
export const greaterEqual: Binary = (a, b) => apply1(bi.greaterEqual, pair(a, b), null);
/** Whether a < b, as bool. */
export const less: Binary = (a, b) => apply1(bi.less, pair(a, b), null);
/** Whether a ≤ b, as bool. */
export const lessEqual: Binary = (a, b) => apply1(bi.lessEqual, pair(a, b), null);
/** Whether a = b, as bool; of two bools too. */
export const equal: Binary = (a, b) => apply1(bi.equal, pair(a, b), null);
/** Whether both are true; of bools. */
export const and: Binary = (a, b) => apply1(bi.and, pair(a, b), null);
/** Whether one of them is true; of bools. */
export const or: Binary = (a, b) => apply1(bi.or, pair(a, b), null);

/** x to a constant power; NaN for x below 0 and an exponent that is no whole number. Derivative p·xᵖ⁻¹. */
export function pow(x: Tensor, exponent: number): Tensor {
  return apply1(powOperator, [x], exponent);
}

/**
 * x held between `low` and `high`; the gradient passes where x lies between them, bounds included.
 *
 * @throws AfterimageError `tensor/shape` when `low` is above `high`.
 */
export function clip(x: Tensor, low: number, high: number): Tensor {
  return apply1(clipOperator, [x], { low, high });
}

/** `a` where the condition (bool) holds, else `b`; all three broadcast. The gradient goes where the value came from. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply1(whereOperator, [condition, ...pair(a, b)], null);
}

/** `x` as another type: towards zero from float32 to whole numbers, "is not 0" to bool. No gradient passes. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply1(castOperator, [x], dtype);
}

function pair(a: Operand, b: Operand): [Tensor, Tensor] {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : "float32";
  return [asTensor(a, dtype), asTensor(b, dtype)];
}

function shareBetween(g: Tensor, first: Tensor, tie: Tensor): [Tensor, Tensor] {
  const toFirst = where(tie, 0.5, where(first, 1, 0));
  return [mul(g, toFirst), mul(g, sub(1, toFirst))];
}

/** x·(1 + erf(x/√2))·½, in the order in which runtimes look for it to run it as one operator. */
function emitGelu(e: Emitter, x: string): string[] {
  const number = (value: number) => e.constant(Float32Array.of(value), [], "float32");
  const curve = e.node("Erf", e.node("Div", [x, number(Math.SQRT2)]));
  const share = e.node("Add", [...curve, number(1)]);
  return e.node("Mul", [...e.node("Mul", [x, ...share]), number(0.5)]);
}

function geluDerivative(x: Tensor): Tensor {
  const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cumulative, mul(x, density));
}
