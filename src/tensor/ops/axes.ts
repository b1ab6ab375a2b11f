/** Axes as users give them, and the shapes that reductions leave. */
import { type Emitter, type Shape, shapeError, type Tensor } from "../tensor.ts";

/** One value for each of height and width, as in `[KH, KW]`. */
export function heightAndWidth<T>(of: (axis: 0 | 1) => T): [T, T] {
  return [of(0), of(1)];
}

export interface ReduceAttrs {
  /** Sorted and non-negative. */
  axes: readonly number[];
  keepDims: boolean;
}

/** A non-negative axis of `x`, for an operator that is named where there is no such axis. */
export function normalizeAxis(x: Tensor, axis: number, operator: string): number {
  const normalized = axis < 0 ? axis + x.rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= x.rank)
    throw shapeError(operator, `an axis between ${-x.rank} and ${x.rank - 1}, not ${axis}`, [x]);
  return normalized;
}

/** Non-negative axes in order, all where none are given. */
export function normalizeAxes(
  x: Tensor,
  axes: readonly number[] | undefined,
  operator: string,
): readonly number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  const normalized = axes.map((axis) => normalizeAxis(x, axis, operator)).sort((a, b) => a - b);
  if (new Set(normalized).size < axes.length)
    throw shapeError(operator, `each axis once, not [${axes}]`, [x]);
  return normalized;
}

/** The shape after a reduction that keeps the reduced axes with size 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** The shape after a reduction over these axes. */
export function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): Shape {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

/** Writes one of ONNX's `Reduce…` nodes, whose axes are an attribute or, in newer operator sets, an input. */
export function emitReduce(
  e: Emitter,
  operator: "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin",
  x: string,
  { axes, keepDims }: ReduceAttrs,
): [string, ...string[]] {
  const keepdims = keepDims ? 1 : 0;
  return operator !== "ReduceSum" && e.has(operator, "axes")
    ? e.node(operator, [x], { axes, keepdims })
    : e.node(operator, [x, e.int64(axes)], { keepdims });
}
