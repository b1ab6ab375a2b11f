/**
 * Checks an operator: its forward pass against a plain reference, its derivative against central differences
 * of its own forward pass.
 *
 * The outputs are projected on fixed weights, L = Σ w·y. For each input x and random signs v, L(x + hv) - L(x
 * - hv) is compared with Σ dL/dx·2hv, at h and 2h. Richardson's combination of the two has an error of the
 * order of h⁵. Sums are in double precision, and the steps are those that float32 rounding really makes.
 */
import { createSession, type Session } from "afterimage/runtime";
import {
  add,
  compile,
  constant,
  type DType,
  gradients,
  input,
  type KernelGap,
  mul,
  sum,
  type Tensor,
  type TensorData,
  topologicalOrder,
} from "afterimage/tensor";
import { Argument, generator } from "./draw.ts";
import type { NdArray } from "./nd-array.ts";

/** One use of an operator, with its arguments. */
export interface Case {
  /** Facts that the arguments' shapes do not show: axes, strides, … Printed when the check fails. */
  note?: string;
  args: readonly Argument[];
  build(inputs: readonly Tensor[]): readonly Tensor[];
  /** The results that `build` should compute. */
  reference(args: readonly Argument[]): readonly NdArray[];
}

export interface CheckOptions {
  /** Whether the graph may use ONNX Runtime's own operators. */
  contrib: boolean;
  /** The version of ONNX's operator set; the newest by default. */
  opset?: number;
  /** Gaps in the provider's kernels. */
  gaps?: readonly KernelGap[];
  /** The CPU by default. */
  provider?: string;
  /** An absolute error of a forward pass that is allowed, for functions that a provider only approximates. */
  absolute?: number;
}

const STEP = 1e-2;
const DIRECTIONS = 2;
/** A share of the gradient's norm. The remaining error of the differences is about a tenth of it. */
const GRADIENT_TOLERANCE = 2e-3;
/**
 * Rounding of float32 results, as a share of the outputs' norm, and as an absolute error for approximations
 * of order 1.
 */
const OUTPUT_NOISE = 3e-6;
const ABSOLUTE_NOISE = 1e-6;
const FORWARD_TOLERANCE = 1e-5;

/** Compares every output of the case with its reference. */
export async function checkForward(c: Case, options: CheckOptions): Promise<void> {
  const inputs = inputsOf(c.args);
  const results = await run(c.build(inputs), c.args, options, (evaluate) => evaluate(c.args));
  const references = c.reference(c.args);
  if (results.length !== references.length)
    throw new Error(`${results.length} outputs for ${references.length} references`);
  for (const [index, reference] of references.entries()) {
    const result = results[index]!;
    if (String(result.shape) !== String(reference.shape))
      throw new Error(`output ${index} is [${result.shape}], its reference [${reference.shape}]`);
    const allowed = allowedError(result, reference, options);
    const at = reference.data.findIndex((value, i) => !(Math.abs(value - result.data[i]!) <= allowed));
    if (at >= 0)
      throw new Error(
        `output ${index} has ${result.data[at]} where its reference has ${reference.data[at]} (element ${at})`,
      );
  }
}

function allowedError({ dtype }: Argument, { data }: NdArray, { absolute = 0 }: CheckOptions): number {
  return dtype === "float32" ? Math.max(absolute, FORWARD_TOLERANCE * Math.max(0.1, peak(data))) : 0;
}

/**
 * Compares the derivative of the case's float32 outputs with respect to every float32 argument with central
 * differences.
 */
export async function checkGradient(c: Case, options: CheckOptions): Promise<void> {
  const inputs = inputsOf(c.args);
  const outputs = c.build(inputs).filter((output) => output.dtype === "float32");
  if (outputs.length === 0) return;
  const weights = outputs.map((output, i) => noise(output.shape, 1000 + i));
  const moved = c.args.flatMap((arg, i) => (arg.dtype === "float32" ? [i] : []));
  const loss = projection(outputs, weights);
  const grads = gradients(
    loss,
    moved.map((i) => inputs[i]!),
  );
  await run([...outputs, ...grads], c.args, options, async (evaluate) => {
    const results = await evaluate(c.args);
    const size = norm(outputs.flatMap((_, k) => results[k]!.data.map((y, j) => y * weights[k]!.data[j]!)));
    for (const [place, i] of moved.entries()) {
      const gradient = results[outputs.length + place]!;
      const allowed =
        GRADIENT_TOLERANCE * 2 * STEP * norm(gradient.data) + OUTPUT_NOISE * size + ABSOLUTE_NOISE;
      for (let direction = 0; direction < DIRECTIONS; direction++) {
        const signs = noise(c.args[i]!.shape, 7 * direction + i).map((value) => (value < 0 ? -1 : 1));
        const small = await excess(c, evaluate, weights, { i, gradient, signs, step: STEP });
        const large = await excess(c, evaluate, weights, { i, gradient, signs, step: 2 * STEP });
        const error = (8 * small - large) / 6;
        if (!(Math.abs(error) <= allowed))
          throw new Error(`the gradient of argument ${i} is off by ${error} where ${allowed} is allowed`);
      }
    }
  });
}

/** {@link checkGradient} of the gradient itself, with the projection's weights among the arguments. */
export function checkSecondGradient(c: Case, options: CheckOptions): Promise<void> {
  const shapes = c
    .build(inputsOf(c.args))
    .flatMap(({ shape, dtype }) => (dtype === "float32" ? [shape] : []));
  if (shapes.length === 0) return Promise.resolve();
  const derived: Case = {
    args: [...c.args, ...shapes.map((shape, i) => noise(shape, 500 + i))],
    reference: () => [],
    build(inputs) {
      const own = inputs.slice(0, c.args.length);
      const outputs = c.build(own).filter((output) => output.dtype === "float32");
      const loss = outputs
        .map((output, i) => sum(mul(output, inputs[c.args.length + i]!)))
        .reduce((a, b) => add(a, b));
      return gradients(
        loss,
        own.filter((tensor) => tensor.dtype === "float32"),
      );
    },
  };
  return checkGradient(derived, options);
}

/** Whether the case's graph has a node of this operator. An operator may be left out if it does nothing. */
export function uses(c: Case, operator: string): boolean {
  return topologicalOrder(c.build(inputsOf(c.args))).some((node) => node.operator.name === operator);
}

interface Step {
  i: number;
  gradient: Argument;
  signs: NdArray;
  step: number;
}

/** The difference between L(x + hv) - L(x - hv) and its value by the gradient. */
async function excess(c: Case, evaluate: Evaluate, weights: readonly Argument[], at: Step): Promise<number> {
  const { i, gradient, signs, step } = at;
  const moved = (sign: number) => {
    const arg = c.args[i]!;
    const data = arg.data.map((value, j) => value + sign * step * signs.data[j]!);
    return new Argument(arg.shape, data);
  };
  const [ahead, behind] = [moved(1), moved(-1)];
  const loss = async (arg: Argument) => {
    const results = await evaluate(c.args.with(i, arg));
    return weights.reduce((l, weight, k) => l + dot(weight.data, results[k]!.data), 0);
  };
  const expected = dot(
    gradient.data,
    ahead.data.map((value, j) => value - behind.data[j]!),
  );
  return (await loss(ahead)) - (await loss(behind)) - expected;
}

type Evaluate = (args: readonly Argument[]) => Promise<Argument[]>;

/** Compiles `outputs`, and passes a function that computes them to `use`. */
async function run<T>(
  outputs: readonly Tensor[],
  args: readonly Argument[],
  { provider, absolute: _, ...dialect }: CheckOptions,
  use: (evaluate: Evaluate) => Promise<T>,
): Promise<T> {
  const named = Object.fromEntries(outputs.map((output, k) => [`y${k}`, output]));
  const program = compile(named, dialect);
  const session: Session = await createSession(program, { threads: 1, ...(provider && { provider }) });
  try {
    return await use(async (given) => {
      const results = await session.run(
        Object.fromEntries(given.map((arg, i) => [`x${i}`, toFeed(arg, args[i]!.dtype)])),
      );
      return outputs.map(
        ({ shape, dtype }, k) => new Argument(shape, Array.from(results[`y${k}`]!, Number), dtype),
      );
    });
  } finally {
    await session.release();
  }
}

function inputsOf(args: readonly Argument[]): Tensor[] {
  return args.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
}

function toFeed({ data }: Argument, dtype: DType): TensorData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(data);
    case "int32":
      return Int32Array.from(data);
    case "int64":
      return BigInt64Array.from(data, BigInt);
    default:
      return Uint8Array.from(data);
  }
}

function projection(outputs: readonly Tensor[], weights: readonly Argument[]): Tensor {
  const terms = outputs.map((output, k) =>
    sum(mul(output, constant(Float32Array.from(weights[k]!.data), output.shape))),
  );
  return terms.reduce((a, b) => add(a, b));
}

/** Fixed numbers of either sign, of magnitude 0.5 to 1.5. */
function noise(shape: readonly number[], seed: number): Argument {
  const random = generator(seed);
  const size = shape.reduce((n, axis) => n * axis, 1);
  return new Argument(
    shape,
    Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1) * (0.5 + random())),
  );
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, value, i) => s + value * b[i]!, 0);
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));
const peak = (a: readonly number[]) => a.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
