/** Tensors that come from outside a graph: inputs and constants; and the two operators that only say how to differentiate. */
import { AfterimageError } from "../../errors.ts";
import {
  apply1,
  type DType,
  type One,
  type Operator,
  type Shape,
  sizeOf,
  Tensor,
  type TensorData,
} from "../tensor.ts";

export interface InputAttrs {
  name: string;
  shape: Shape;
  dtype: DType;
}

/** A value fed at every run, by name. */
export const inputOperator: Operator<InputAttrs, readonly [], One> = {
  name: "input",
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  gradient: "non-differentiable",
  emit: (_emitter, _inputs, { name }) => [name],
};

export interface ConstantAttrs {
  /** Row-major, or a single element that all are equal to. */
  data: TensorData;
  shape: Shape;
  dtype: DType;
}

/** A value written into the graph. */
export const constantOperator: Operator<ConstantAttrs, readonly [], One> = {
  name: "constant",
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  gradient: "non-differentiable",
  emit: (emitter, _inputs, { data, shape, dtype }) => [emitter.constant(data, shape, dtype)],
};

/** The same value, through which no gradient passes. */
export const stopGradientOperator: Operator<null, One, One> = {
  name: "stopGradient",
  infer: ([x]) => [x],
  gradient: { rule: () => [null] },
  emit: (_emitter, [x]) => [x],
};

export interface DerivativeAttrs {
  rule(grad: Tensor): readonly (Tensor | null)[];
}

/** A value (first input) whose derivative with respect to the other inputs is given by a rule. */
export const derivativeOperator: Operator<DerivativeAttrs, readonly [Tensor, ...Tensor[]], One> = {
  name: "derivative",
  infer: ([value]) => [value],
  gradient: { rule: ({ grads, attrs }) => [null, ...attrs.rule(grads[0])] },
  emit: (_emitter, [value]) => [value],
};

/** A graph input, fed by `name` at every run. Names are unique in a graph; `compile` refuses two of one name. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return apply1(inputOperator, [], { name, shape, dtype });
}

/**
 * A constant tensor, row-major.
 *
 * @throws AfterimageError `tensor/shape` when the shape does not hold as many elements as `data`.
 */
export function constant(
  data: TensorData | readonly number[],
  shape: Shape,
  dtype: DType = "float32",
): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new AfterimageError("tensor/shape", {
      what: "a constant's data does not fill its shape",
      expected: `${sizeOf(shape)} elements for [${shape}]`,
      got: `${data.length}`,
    });
  }
  return apply1(constantOperator, [], { data: toData(data, dtype), shape, dtype });
}

/** A scalar constant. */
export function scalar(value: number, dtype: DType = "float32"): Tensor {
  return constant([value], [], dtype);
}

/** A float32 constant filled with one value, of which one element is kept. */
export function full(shape: Shape, value: number): Tensor {
  return apply1(constantOperator, [], { data: Float32Array.of(value), shape, dtype: "float32" });
}

/** `x`, as a constant in the eyes of differentiation. */
export function stopGradient(x: Tensor): Tensor {
  return apply1(stopGradientOperator, [x], null);
}

/**
 * `value`, to be differentiated by `rule` with respect to `args` rather than through the graph that made it.
 * The rule gets the gradient of the value and returns one gradient (or null) for each of `args`.
 */
export function withDerivative(
  value: Tensor,
  args: readonly Tensor[],
  rule: DerivativeAttrs["rule"],
): Tensor {
  return apply1(derivativeOperator, [value, ...args], { rule });
}

/** Numbers stand for scalar constants wherever a tensor is expected. */
export type Operand = Tensor | number;

/** A tensor as it is, a number as a scalar constant of `dtype`. */
export function asTensor(x: Operand, dtype: DType = "float32"): Tensor {
  return x instanceof Tensor ? x : scalar(x, dtype);
}

/** Numbers as the elements of a type; data that is typed already stays as it is. */
export function toData(data: TensorData | readonly number[], dtype: DType): TensorData {
  if (!Array.isArray(data)) return data as TensorData;
  const values = data as readonly number[];
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(value));
    default:
      return Uint8Array.from(values);
  }
}
