/** Reductions along axes, and the operators that pick by order. */
import { apply, apply1, type Operator, shapeError, type Tensor } from "../tensor.ts";
import { add, cast, div, equal, exp, log, mul, sub } from "./elementwise.ts";
import { scatterAddAxis } from "./indexing.ts";
import {
  emitReduce,
  expand,
  keptShape,
  normalizeAxes,
  normalizeAxis,
  type ReduceAttrs,
  reducedShape,
  reshape,
  sum,
} from "./movement.ts";
import { stopGradient } from "./source.ts";

export const meanOperator: Operator<ReduceAttrs> = {
  name: "mean",
  infer: ([x], attrs) => [{ shape: reducedShape(x!.shape, attrs), dtype: x!.dtype }],
  gradient: {
    rule({ inputs: [x], outputs: [y], grads: [g], attrs }) {
      const share = mul(g!, y!.size / x!.size);
      return [expand(reshape(share, keptShape(x!.shape, attrs.axes)), x!.shape)];
    },
  },
  emit: (e, [x], attrs) => emitReduce(e, "ReduceMean", x!, attrs),
};

function extremum(name: string, onnx: string): Operator<ReduceAttrs> {
  return {
    name,
    infer: ([x], attrs) => [{ shape: reducedShape(x!.shape, attrs), dtype: x!.dtype }],
    gradient: {
      // Equal extrema share the gradient, as in PyTorch's amax and amin.
      rule({ inputs: [x], outputs: [y], grads: [g], attrs }) {
        const kept = keptShape(x!.shape, attrs.axes);
        const hits = cast(equal(x!, reshape(y!, kept)), "float32");
        return [mul(hits, div(reshape(g!, kept), sum(hits, attrs.axes, true)))];
      },
    },
    emit: (e, [x], attrs) => emitReduce(e, onnx, x!, attrs),
  };
}

export const maxOperator = extremum("max", "ReduceMax");
export const minOperator = extremum("min", "ReduceMin");

export const argmaxOperator: Operator<number> = {
  name: "argmax",
  infer: ([x], axis) => [{ shape: x!.shape.filter((_, a) => a !== axis), dtype: "int64" }],
  gradient: "non-differentiable",
  emit: (e, [x], axis) => e.node("ArgMax", [x!], { axis: { int: axis }, keepdims: { int: 0 } }),
};

export interface TopKAttrs {
  k: number;
  axis: number;
  largest: boolean;
}

export const topKOperator: Operator<TopKAttrs> = {
  name: "topK",
  infer([x], { k, axis }) {
    if (k < 1 || k > x!.shape[axis]!)
      throw shapeError("topK", `at least ${k} elements along axis ${axis}`, [x!]);
    const shape = x!.shape.map((size, a) => (a === axis ? k : size));
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: "int64" },
    ];
  },
  gradient: {
    rule: ({ inputs: [x], outputs: [, indices], grads: [g], attrs }) => [
      g == null ? null : scatterAddAxis(g, indices!, attrs.axis, x!.shape[attrs.axis]!),
    ],
  },
  emit: (e, [x], { k, axis, largest }) =>
    e.node(
      "TopK",
      [x!, e.int64([k])],
      { axis: { int: axis }, largest: { int: largest ? 1 : 0 } },
      { outputs: 2 },
    ),
};

/** Mean over `axes` (all by default). */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes), keepDims };
  return attrs.axes.length === 0 ? x : apply1(meanOperator, [x], attrs);
}

/** Maximum over `axes` (all by default). */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes), keepDims };
  return attrs.axes.length === 0 ? x : apply1(maxOperator, [x], attrs);
}

/** Minimum over `axes` (all by default). */
export function min(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const attrs = { axes: normalizeAxes(x, axes), keepDims };
  return attrs.axes.length === 0 ? x : apply1(minOperator, [x], attrs);
}

/** Index (int64) of the largest element along `axis`, the first of equals. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return apply1(argmaxOperator, [x], normalizeAxis(x, axis));
}

/** The `k` largest (or smallest) elements along `axis`, in order, and their int64 indices. */
export function topK(x: Tensor, k: number, axis = -1, largest = true): { values: Tensor; indices: Tensor } {
  const [values, indices] = apply(topKOperator, [x], { k, axis: normalizeAxis(x, axis), largest });
  return { values: values!, indices: indices! };
}

/** log Σ exp(x) along `axes`, shifted by the maximum so that nothing overflows. */
export function logSumExp(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const peak = stopGradient(max(x, axes, true));
  const total = log(sum(exp(sub(x, peak)), axes, true));
  const kept = add(total, peak);
  return keepDims ? kept : reshape(kept, reducedShape(x.shape, { axes: normalizeAxes(x, axes), keepDims }));
}
