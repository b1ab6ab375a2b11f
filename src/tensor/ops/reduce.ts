/** Reductions along axes, and the operators that pick by order. */
import {
  apply,
  apply1,
  FLOAT,
  NUMBER,
  type One,
  type Operator,
  requireType,
  shapeError,
  sizeOfAxis,
  type Tensor,
  type Two,
} from "../tensor.ts";
import {
  emitReduce,
  keptShape,
  normalizeAxes,
  normalizeAxis,
  type ReduceAttrs,
  reducedShape,
} from "./axes.ts";
import { add, cast, clip, div, equal, exp, log, mul, sub } from "./elementwise.ts";
import { scatterAddAxis } from "./indexing.ts";
import { expand, reshape, sum } from "./movement.ts";
import { stopGradient } from "./source.ts";

export const meanOperator: Operator<ReduceAttrs, One, One> = {
  name: "mean",
  infer(inputs, attrs) {
    requireType("mean", FLOAT, inputs);
    return [{ shape: reducedShape(inputs[0].shape, attrs), dtype: "float32" }];
  },
  gradient: {
    rule({ inputs: [x], outputs: [y], grads: [g], attrs }) {
      const share = mul(g, y.size / x.size);
      return [expand(reshape(share, keptShape(x.shape, attrs.axes)), x.shape)];
    },
  },
  emit: (e, [x], attrs) => emitReduce(e, "ReduceMean", x, attrs),
};

function extremum(name: string, onnx: "ReduceMax" | "ReduceMin"): Operator<ReduceAttrs, One, One> {
  return {
    name,
    infer(inputs, attrs) {
      requireType(name, NUMBER, inputs);
      return [{ shape: reducedShape(inputs[0].shape, attrs), dtype: inputs[0].dtype }];
    },
    gradient: {
      // Equal extrema share the gradient, as in PyTorch's amax and amin.
      rule({ inputs: [x], outputs: [y], grads: [g], attrs }) {
        const kept = keptShape(x.shape, attrs.axes);
        const hits = cast(equal(x, reshape(y, kept)), "float32");
        return [mul(hits, div(reshape(g, kept), sum(hits, attrs.axes, true)))];
      },
    },
    emit: (e, [x], attrs) => emitReduce(e, onnx, x, attrs),
  };
}

export const maxOperator = extremum("max", "ReduceMax");
export const minOperator = extremum("min", "ReduceMin");

export const argmaxOperator: Operator<number, One, One> = {
  name: "argmax",
  infer(inputs, axis) {
    requireType("argmax", NUMBER, inputs);
    return [{ shape: inputs[0].shape.filter((_, a) => a !== axis), dtype: "int64" }];
  },
  gradient: "non-differentiable",
  emit: (e, [x], axis) => e.node("ArgMax", [x], { axis, keepdims: 0 }),
};

export interface TopKAttrs {
  k: number;
  axis: number;
  largest: boolean;
}

export const topKOperator: Operator<TopKAttrs, One, Two> = {
  name: "topK",
  infer(inputs, { k, axis }) {
    requireType("topK", NUMBER, inputs);
    const [x] = inputs as [Tensor];
    if (!(k >= 1 && k <= sizeOfAxis(x, axis, "topK")))
      throw shapeError("topK", `k of at least 1 and at most the size of axis ${axis}, not ${k}`, inputs);
    const shape = x.shape.with(axis, k);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int64" },
    ];
  },
  gradient: {
    rule: ({ inputs: [x], outputs: [, indices], grads: [g], attrs }) => [
      g == null ? null : scatterAddAxis(g, indices, attrs.axis, sizeOfAxis(x, attrs.axis, "topK")),
    ],
  },
  emit: (e, [x], { k, axis, largest }) =>
    e.node("TopK", [x, e.int64([k])], { axis, largest: largest ? 1 : 0 }, 2),
};

/** Mean over `axes` (all by default), of float32; shapes and errors as in {@link sum}. */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes, "mean"), keepDims };
  return attrs.axes.length === 0 ? x : apply1(meanOperator, [x], attrs);
}

/**
 * Maximum over `axes` (all by default); equal ones share the gradient. Shapes and errors as in {@link sum}.
 */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes, "max"), keepDims };
  return attrs.axes.length === 0 ? x : apply1(maxOperator, [x], attrs);
}

/**
 * Minimum over `axes` (all by default); equal ones share the gradient. Shapes and errors as in {@link sum}.
 */
export function min(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes, "min"), keepDims };
  return attrs.axes.length === 0 ? x : apply1(minOperator, [x], attrs);
}

/**
 * Index (int64) of the largest element along `axis`, the first of equals; that axis is left out. No gradient
 * passes.
 */
export function argmax(x: Tensor, axis = -1): Tensor {
  return apply1(argmaxOperator, [x], normalizeAxis(x, axis, "argmax"));
}

/**
 * The `k` largest (or smallest) elements along `axis`, in order, and their int64 indices. The gradient of the
 * values goes to the elements picked.
 *
 * @throws AfterimageError `tensor/shape` for k below 1 or above the size of the axis.
 */
export function topK(x: Tensor, k: number, axis = -1, largest = true): { values: Tensor; indices: Tensor } {
  const attrs = { k, axis: normalizeAxis(x, axis, "topK"), largest };
  const [values, indices] = apply(topKOperator, [x], attrs);
  return { values: values, indices: indices };
}

/** log Σ exp(x) along `axes`, shifted by the maximum so that nothing overflows. */
export function logSumExp(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const along = normalizeAxes(x, axes, "logSumExp");
  // The shift must be finite. In a row that is -∞ throughout, ∞ - ∞ would be NaN; the row's sum of
  // exponentials is 0.
  const peak = stopGradient(clip(max(x, along, true), -LARGEST, LARGEST));
  const kept = add(log(sum(exp(sub(x, peak)), along, true)), peak);
  return keepDims ? kept : reshape(kept, reducedShape(x.shape, { axes: along, keepDims }));
}

/** The largest finite float32. */
const LARGEST = 3.4028234663852886e38;
