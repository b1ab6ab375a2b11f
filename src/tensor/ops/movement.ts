/**
 * Operators that move or repeat elements without changing them, each beside its adjoint:
 * reshape ↔ reshape, transpose ↔ transpose, reverse ↔ reverse, expand ↔ sum, slice ↔ pad.
 */
import {
  apply1,
  type One,
  type Operator,
  requireType,
  type Shape,
  SIGNED,
  sameShape,
  shapeError,
  sizeOf,
  sizeOfAxis,
  type Tensor,
} from "../tensor.ts";
import {
  emitReduce,
  keptShape,
  normalizeAxes,
  normalizeAxis,
  type ReduceAttrs,
  reducedShape,
} from "./axes.ts";
import { toData } from "./source.ts";

export const reshapeOperator: Operator<Shape, One, One> = {
  name: "reshape",
  infer([x], shape) {
    if (sizeOf(shape) !== x.size) throw shapeError("reshape", `as many elements as [${shape}]`, [x]);
    return [{ shape, dtype: x.dtype }];
  },
  gradient: { rule: ({ inputs: [x], grads: [g] }) => [reshape(g, x.shape)] },
  emit: (e, [x], shape) => e.node("Reshape", [x, e.shape(shape)]),
};

export const transposeOperator: Operator<readonly number[], One, One> = {
  name: "transpose",
  infer([x], order) {
    const isPermutation = sameShape(
      [...order].sort((a, b) => a - b),
      x.shape.map((_, axis) => axis),
    );
    if (!isPermutation) throw shapeError("transpose", `a permutation of the axes, not [${order}]`, [x]);
    return [{ shape: order.map((axis) => sizeOfAxis(x, axis, "transpose")), dtype: x.dtype }];
  },
  gradient: { rule: ({ grads: [g], attrs: order }) => [transpose(g, invert(order))] },
  emit: (e, [x], order) => e.node("Transpose", [x], { perm: order }),
};

export const expandOperator: Operator<Shape, One, One> = {
  name: "expand",
  infer([x], shape) {
    const offset = shape.length - x.rank;
    const fits = offset >= 0 && x.shape.every((size, axis) => size === 1 || size === shape[axis + offset]);
    if (!fits) throw shapeError("expand", `a shape that broadcasts to [${shape}]`, [x]);
    return [{ shape, dtype: x.dtype }];
  },
  gradient: { rule: ({ inputs: [x], grads: [g] }) => [sumTo(g, x.shape)] },
  emit(e, [x], shape, node) {
    const own = node.inputs[0].shape;
    const offset = shape.length - own.length;
    // ONNX's Expand broadcasts both ways: a 1 leaves the axis as it is, and so an open one open.
    const sizes = shape.map((size, axis) => (own[axis - offset] === size ? 1 : size));
    return e.node("Expand", [x, e.int64(sizes)]);
  },
};

export const sumOperator: Operator<ReduceAttrs, One, One> = {
  name: "sum",
  infer(inputs, attrs) {
    requireType("sum", SIGNED, inputs);
    return [{ shape: reducedShape(inputs[0].shape, attrs), dtype: inputs[0].dtype }];
  },
  gradient: {
    rule: ({ inputs: [x], grads: [g], attrs }) => [
      expand(reshape(g, keptShape(x.shape, attrs.axes)), x.shape),
    ],
  },
  emit(e, [x], attrs, { inputs, outputs }) {
    const halves = rowsInTwo(inputs[0].shape, attrs);
    if (halves === null) return emitReduce(e, "ReduceSum", x, attrs);
    // Down the columns of a tall matrix the runtime adds slowly; of shorter ones it adds several at once.
    const parts = e.node("Reshape", [x, e.shape(halves)])[0];
    const each = emitReduce(e, "ReduceSum", parts, { axes: [1], keepDims: false })[0];
    const total = emitReduce(e, "ReduceSum", each, { axes: [0], keepDims: false })[0];
    return e.node("Reshape", [total, e.shape(outputs[0].shape)]);
  },
};

/** Fewer rows are summed in one step. */
const MANY_ROWS = 1024;

/** A sum over the first axes, many rows in all, as one over `[a, b, columns]` with a·b rows; null for other sums. */
function rowsInTwo(shape: Shape, { axes }: ReduceAttrs): [number, number, number] | null {
  const rows = sizeOf(shape.slice(0, axes.length));
  const isLeading = axes.every((axis, i) => axis === i) && axes.length < shape.length;
  if (!isLeading || rows < MANY_ROWS) return null;
  let parts = Math.floor(Math.sqrt(rows));
  while (rows % parts !== 0) parts--;
  return parts < 16 ? null : [parts, rows / parts, sizeOf(shape.slice(axes.length))];
}

export interface SliceAttrs {
  starts: readonly number[];
  ends: readonly number[];
  steps: readonly number[];
}

export const sliceOperator: Operator<SliceAttrs, One, One> = {
  name: "slice",
  infer([x], { starts, ends, steps }) {
    const ok = x.shape.every(
      (size, axis) =>
        starts[axis]! >= 0 && starts[axis]! < ends[axis]! && ends[axis]! <= size && steps[axis]! >= 1,
    );
    if (!ok || starts.length !== x.rank)
      throw shapeError("slice", `[${starts}] to [${ends}] inside the tensor`, [x]);
    const shape = x.shape.map((_, axis) => Math.ceil((ends[axis]! - starts[axis]!) / steps[axis]!));
    return [{ shape, dtype: x.dtype }];
  },
  gradient: {
    rule({ inputs: [x], grads: [g], attrs: { starts, steps } }) {
      const spread = steps.reduce((t, step, axis) => (step === 1 ? t : interleaveZeros(t, axis, step)), g);
      const after = x.shape.map(
        (size, axis) => size - (starts[axis] ?? 0) - sizeOfAxis(spread, axis, "slice"),
      );
      return [pad(spread, starts, after)];
    },
  },
  emit(e, [x], { starts, ends, steps }, node) {
    const axes = node.inputs[0].shape.flatMap((size, axis) =>
      starts[axis] === 0 && ends[axis] === size && steps[axis] === 1 ? [] : [axis],
    );
    const pick = (values: readonly number[]) => e.int64(values.filter((_, axis) => axes.includes(axis)));
    return e.node("Slice", [x, pick(starts), pick(ends), e.int64(axes), pick(steps)]);
  },
};

export interface PadAttrs {
  before: readonly number[];
  after: readonly number[];
  value: number;
}

export const padOperator: Operator<PadAttrs, One, One> = {
  name: "pad",
  infer([x], { before, after }) {
    const ok =
      before.length === x.rank && after.length === x.rank && [...before, ...after].every((n) => n >= 0);
    if (!ok)
      throw shapeError("pad", `one non-negative padding per axis and side, not [${before}] and [${after}]`, [
        x,
      ]);
    return [
      { shape: x.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)), dtype: x.dtype },
    ];
  },
  gradient: {
    rule: ({ inputs: [x], grads: [g], attrs: { before } }) => [
      slice(
        g,
        before,
        x.shape.map((size, axis) => (before[axis] ?? 0) + size),
      ),
    ],
  },
  emit(e, [x], { before, after, value }, node) {
    const inputs = [x, e.int64([...before, ...after])];
    const { dtype } = node.outputs[0];
    if (value !== 0) inputs.push(e.constant(toData([value], dtype), [], dtype));
    return e.node("Pad", inputs);
  },
};

export const reverseOperator: Operator<readonly number[], One, One> = {
  name: "reverse",
  infer: ([x]) => [x],
  gradient: { rule: ({ grads: [g], attrs: axes }) => [reverse(g, axes)] },
  emit(e, [x], axes) {
    const repeat = (value: number) => e.int64(axes.map(() => value));
    // -2^31 as an end means "through the first element" whatever the size.
    return e.node("Slice", [x, repeat(-1), repeat(-(2 ** 31)), e.int64(axes), repeat(-1)]);
  },
};

/**
 * The same elements, row-major, under another shape. One size may be -1 and is then inferred.
 *
 * @throws AfterimageError `tensor/shape` when the shape holds another number of elements, or more than one -1.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((size) => size !== -1));
  if (shape.filter((size) => size === -1).length > 1)
    throw shapeError("reshape", `at most one size to infer, not [${shape}]`, [x]);
  const target = shape.map((size) => (size === -1 ? x.size / known : size));
  return sameShape(target, x.shape) ? x : apply1(reshapeOperator, [x], target);
}

/**
 * Axis `i` of the result is axis `order[i]` of `x`; without `order` the last two axes change places.
 *
 * @throws AfterimageError `tensor/shape` when `order` is no permutation of the axes.
 */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const swapped = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
  return apply1(transposeOperator, [x], order ?? swapped);
}

/**
 * `x` repeated along axes of size 1 and new leading axes, to `shape`.
 *
 * @throws AfterimageError `tensor/shape` when `x` does not broadcast to it.
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply1(expandOperator, [x], shape);
}

/**
 * Sum over `axes` (all by default; negative ones count from the end), which are left out of the shape, or stay with size
 * 1 by `keepDims`. No axes at all give `x` itself.
 *
 * @throws AfterimageError `tensor/shape` for an axis that `x` does not have, or one that is named twice.
 */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes, "sum"), keepDims };
  return attrs.axes.length === 0 ? x : apply1(sumOperator, [x], attrs);
}

/** `x` summed over the axes along which `shape` was broadcast: the adjoint of {@link expand}. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const offset = x.rank - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < offset || (shape[axis - offset] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(x, axes, true), shape);
}

/**
 * Elements `starts[a]` up to (not including) `ends[a]` on each axis, every `steps[a]`-th.
 *
 * @throws AfterimageError `tensor/shape` unless 0 ≤ start < end ≤ size and step ≥ 1 on every axis.
 */
export function slice(
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Tensor {
  const whole = x.shape.every((size, axis) => starts[axis] === 0 && ends[axis] === size && steps[axis] === 1);
  return whole ? x : apply1(sliceOperator, [x], { starts, ends, steps });
}

/** {@link slice} along one axis only. */
export function sliceAxis(x: Tensor, axis: number, start: number, end: number, step = 1): Tensor {
  const a = normalizeAxis(x, axis, "slice");
  return slice(
    x,
    x.shape.map((_, i) => (i === a ? start : 0)),
    x.shape.map((size, i) => (i === a ? end : size)),
    x.shape.map((_, i) => (i === a ? step : 1)),
  );
}

/**
 * `x` with `before[a]` and `after[a]` elements of `value` on each axis.
 *
 * @throws AfterimageError `tensor/shape` for a negative padding, or other than one per axis and side.
 */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  const none = [...before, ...after].every((n) => n === 0);
  return none ? x : apply1(padOperator, [x], { before, after, value });
}

/** `x` with the order of elements turned round along `axes`. */
export function reverse(x: Tensor, axes: readonly number[]): Tensor {
  return axes.length === 0 ? x : apply1(reverseOperator, [x], normalizeAxes(x, axes, "reverse"));
}

function invert(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length);
  for (const [to, from] of order.entries()) inverse[from] = to;
  return inverse;
}

/** `[…, n, …]` to `[…, (n - 1)·step + 1, …]`: `step - 1` zeros between neighbours on one axis. */
export function interleaveZeros(x: Tensor, axis: number, step: number): Tensor {
  const { shape } = x;
  const size = sizeOfAxis(x, axis, "slice");
  const cells = reshape(x, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const zeros = cells.shape.map(() => 0);
  const padded = pad(
    cells,
    zeros,
    zeros.map((_, a) => (a === axis + 1 ? step - 1 : 0)),
  );
  const merged = reshape(padded, [...shape.slice(0, axis), size * step, ...shape.slice(axis + 1)]);
  return sliceAxis(merged, axis, 0, (size - 1) * step + 1);
}
