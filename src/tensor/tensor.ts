/**
 * The symbolic tensor: a value in a graph that has not been computed yet.
 *
 * A tensor knows its shape and type; the node that makes it knows its operator, inputs and attributes.
 * Nothing is computed until a graph is compiled to ONNX and run.
 */
import { AfterimageError } from "../errors.ts";
import type { AttributesOf, OnnxOperator } from "../onnx/attributes.ts";
import type { Attribute, ElementType } from "../onnx/model.ts";

export type DType = ElementType;
/** Sizes of the axes, outermost first; `[]` is a scalar. Sizes are known when the graph is built. */
export type Shape = readonly number[];
export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** Zeros, as many as `size`, in the array that holds elements of `dtype`. */
export function emptyArray(dtype: DType, size: number): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "int32":
      return new Int32Array(size);
    case "int64":
      return new BigInt64Array(size);
    case "uint8":
    case "bool":
      return new Uint8Array(size);
  }
}

/** What an operator says of one of its outputs. */
export interface Signature {
  shape: Shape;
  dtype: DType;
}

/** Tensors in order. As a tuple, such as {@link Two}, it says how many an operator takes or makes. */
export type Tensors = readonly Tensor[];
export type One = readonly [Tensor];
export type Two = readonly [Tensor, Tensor];
export type Three = readonly [Tensor, Tensor, Tensor];
/** One or more. */
export type Some = readonly [Tensor, ...Tensor[]];

/** One `T` for each tensor. */
type ForEach<I extends Tensors, T> = { readonly [K in keyof I]: T };

/** The gradient of a single output is there, since without it no rule is asked. */
type Gradients<O extends Tensors> = O extends One ? One : ForEach<O, Tensor | null>;

/** What a derivative rule is given. Of several outputs, `grads[i]` is null when nothing depends on output `i`. */
export interface GradientContext<A, I extends Tensors = Tensors, O extends Tensors = Some> {
  inputs: I;
  outputs: O;
  grads: Gradients<O>;
  attrs: A;
}

/** Writes the ONNX nodes of an operator. Names are those of values in the graph being written. */
export interface Emitter {
  /** Appends a node of one of ONNX's operators and returns the names of its outputs, one by default. */
  node<K extends OnnxOperator>(
    operator: K,
    inputs: readonly string[],
    attributes?: AttributesOf<K>,
    outputs?: number,
  ): [string, ...string[]];
  /** The same for an operator of ONNX Runtime's own, in `domain`, which ONNX's schema does not have; with one output. */
  runtimeNode(
    domain: string,
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ): [string, ...string[]];
  /** Whether the operator set has an operator, or an attribute of it. */
  has(operator: OnnxOperator, attribute?: string): boolean;
  /** A constant list of int64, as sizes, axes and places are given in ONNX. None may be that of an open axis. */
  int64(values: readonly number[]): string;
  /** A constant, row-major; one element may stand for many equal ones. */
  constant(data: TensorData, shape: Shape, dtype: DType): string;
  /** A shape for `Reshape`, of which one axis may be open. */
  shape(shape: Shape): string;
  /** Whether the provider has ONNX Runtime's `com.microsoft` operators. */
  readonly contrib: boolean;
}

/**
 * One operator: its shape rule, its derivative and its ONNX form, in one place. It holds no state: what differs from
 * call to call is in `attrs`. Operators in the table are tested against finite differences and a reference.
 *
 * @typeParam A its attributes.
 * @typeParam I the tensors that it takes, such as {@link Two}; any number by default.
 * @typeParam O the tensors that it makes; one or more by default.
 */
export type Operator<A = unknown, I extends Tensors = Tensors, O extends Tensors = Some> = OperatorRules<
  A,
  I,
  O
> &
  (EmittedForm<A, I, O> | ExpandedForm<A, I, O>);

interface OperatorRules<A, I extends Tensors, O extends Tensors> {
  readonly name: string;
  /**
   * Shape and type of each output.
   *
   * @throws AfterimageError `tensor/dtype` or `tensor/shape` when the inputs or attributes do not fit.
   */
  infer(inputs: I, attrs: A): ForEach<O, Signature>;
  /** Gradients of the inputs, in order; null where an input gets none. */
  readonly gradient:
    | "non-differentiable"
    | { rule(context: GradientContext<A, I, O>): readonly (Tensor | null)[] };
  /** Whether each element of the result depends only on the same elements of the inputs, so that any layout will do. */
  readonly pointwise?: true;
}

/** An operator with ONNX nodes of its own. */
interface EmittedForm<A, I extends Tensors, O extends Tensors> {
  /** Writes its nodes on the values named `inputs`; returns the names of its outputs, in order. */
  emit(emitter: Emitter, inputs: ForEach<I, string>, attrs: A, node: Node<I, O>): readonly string[];
}

/** An operator that is written in others when the graph is compiled. */
interface ExpandedForm<A, I extends Tensors, O extends Tensors> {
  /** The same outputs, of the same shapes and types, from other operators. */
  expand(inputs: I, attrs: A): O;
}

export interface Node<I extends Tensors = Tensors, O extends Tensors = Some> {
  readonly id: number;
  readonly operator: Operator;
  readonly inputs: I;
  readonly attrs: unknown;
  readonly outputs: O;
  /** Where in the network this node was made, for printing and profiling. */
  readonly label: string;
}

/**
 * A value in a graph: one output of one node. It never changes, and may be used by any number of nodes. Made by operators
 * (`add`, `matmul`, …), `input` and `constant`, not by `new`.
 */
export class Tensor {
  readonly node: Node;
  /** Which output of `node` this is. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: Node, index: number, { shape, dtype }: Signature) {
    this.node = node;
    this.index = index;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The number of axes, 0 for a scalar. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements, 1 for a scalar. */
  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `${this.node.label ? `${this.node.label}/` : ""}${this.node.operator.name}#${this.node.id}:${this.dtype}[${this.shape}]`;
  }
}

/** The number of elements of a shape: 1 for the scalar's `[]`. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether both have the same sizes on the same axes; nothing broadcasts here. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The sizes of a shape of `R` axes. */
export type Sizes<R extends 1 | 2 | 3 | 4 | 5> = {
  1: readonly [number];
  2: readonly [number, number];
  3: readonly [number, number, number];
  4: readonly [number, number, number, number];
  5: readonly [number, number, number, number, number];
}[R];

/**
 * The sizes of a tensor with `rank` axes: `const [b, c, h, w] = shapeOf(x, 4, "convolution")`.
 *
 * @param user the operator, layer or loss that asks, for the error.
 * @param expected what it should be, for the error, such as `pictures [B, C, H, W]`.
 * @throws AfterimageError `tensor/shape` for a tensor of another rank.
 */
export function shapeOf<R extends 1 | 2 | 3 | 4 | 5>(
  x: Tensor | Shape,
  rank: R,
  user: string,
  expected = `${rank} ${rank === 1 ? "axis" : "axes"}`,
): Sizes<R> {
  const shape = x instanceof Tensor ? x.shape : x;
  if (shape.length !== rank) throw misshapen(user, expected, x);
  return shape as unknown as Sizes<R>;
}

/**
 * The size of one axis, of which negative ones count from the end.
 *
 * @param user the operator, layer or loss that asks, for the error.
 * @throws AfterimageError `tensor/shape` when there is no such axis.
 */
export function sizeOfAxis(x: Tensor | Shape, axis: number, user: string): number {
  const size = (x instanceof Tensor ? x.shape : x).at(axis);
  if (size === undefined) throw misshapen(user, `an axis ${axis}`, x);
  return size;
}

function misshapen(user: string, expected: string, x: Tensor | Shape): AfterimageError {
  return new AfterimageError("tensor/shape", {
    what: `${user} cannot take a tensor of this shape`,
    ...(currentLabel ? { where: currentLabel } : {}),
    expected,
    got: x instanceof Tensor ? describe(x) : `[${x}]`,
  });
}

let nextId = 0;
let currentLabel = "";

/**
 * Makes the node of `operator` on `inputs` and returns its outputs.
 *
 * @throws AfterimageError `tensor/dtype` or `tensor/shape` when the operator cannot take the inputs, or a size of the
 * result would be negative or no whole number. Every function that applies an operator throws these.
 */
export function apply<A, I extends Tensors, O extends Tensors>(
  operator: Operator<A, I, O>,
  inputs: NoInfer<I>,
  attrs: A,
): O {
  const signatures: readonly Signature[] = operator.infer(inputs, attrs);
  for (const { shape } of signatures) {
    if (!shape.every((size) => Number.isInteger(size) && size >= 0))
      throw shapeError(operator.name, `whole sizes, not a result of [${shape}]`, inputs);
  }
  const outputs: Tensor[] = [];
  const node: Node = {
    id: nextId++,
    operator: operator as unknown as Operator,
    inputs,
    attrs,
    outputs: outputs as unknown as Some,
    label: currentLabel,
  };
  for (const [index, signature] of signatures.entries()) {
    outputs.push(new Tensor(node, index, signature));
  }
  return outputs as unknown as O;
}

/** {@link apply} for operators with one output. */
export function apply1<A, I extends Tensors>(operator: Operator<A, I>, inputs: NoInfer<I>, attrs: A): Tensor {
  return apply(operator, inputs, attrs)[0];
}

/** Runs `build` with every node it makes labelled by `label` (a path such as `layer1.0.conv1`). */
export function labelled<T>(label: string, build: () => T): T {
  const outer = currentLabel;
  currentLabel = label;
  try {
    return build();
  } finally {
    currentLabel = outer;
  }
}

export const FLOAT: readonly DType[] = ["float32"];
export const BOOL: readonly DType[] = ["bool"];
export const INDEX: readonly DType[] = ["int64", "int32"];
/** Numbers that may be negative. */
export const SIGNED: readonly DType[] = ["float32", "int32", "int64"];
export const NUMBER: readonly DType[] = [...SIGNED, "uint8"];

/**
 * Sees to it that all inputs have one type, and one that the operator takes.
 *
 * @throws AfterimageError `tensor/dtype`
 */
export function requireType(operator: string, allowed: readonly DType[], inputs: readonly Tensor[]): void {
  const first = inputs[0]?.dtype;
  if (inputs.every(({ dtype }) => dtype === first && allowed.includes(dtype))) return;
  throw new AfterimageError("tensor/dtype", {
    what: `${operator} cannot take tensors of these types`,
    ...(currentLabel ? { where: currentLabel } : {}),
    expected: `${inputs.length > 1 ? "one type, " : ""}${allowed.join(" or ")}`,
    got: inputs.map(describe).join(" and "),
  });
}

/** The error of an operator whose inputs do not fit. */
export function shapeError(operator: string, expected: string, inputs: readonly Tensor[]): AfterimageError {
  return new AfterimageError("tensor/shape", {
    what: `${operator} cannot take these inputs`,
    ...(currentLabel ? { where: currentLabel } : {}),
    expected,
    got: inputs.map(describe).join(" and "),
  });
}

const describe = ({ dtype, shape }: Tensor) => `${dtype}[${shape}]`;
