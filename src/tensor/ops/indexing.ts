/** Picking elements by index and its adjoint, adding them back: gather ↔ scatter-add. */
import {
  apply1,
  type Emitter,
  FLOAT,
  INDEX,
  type One,
  type Operator,
  requireType,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
  sizeOfAxis,
  type Tensor,
  type Three,
  type Two,
} from "../tensor.ts";
import { normalizeAxis } from "./axes.ts";
import { cast } from "./elementwise.ts";
import { reshape, transpose } from "./movement.ts";
import { full } from "./source.ts";

export const gatherOperator: Operator<number, Two, One> = {
  name: "gather",
  infer([x, indices], axis) {
    requireType("gather (its indices)", INDEX, [indices]);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [{ shape, dtype: x.dtype }];
  },
  gradient: {
    rule({ inputs: [x, indices], grads: [g], attrs: axis }) {
      // With the picked axes first, adding back is one scatter of rows.
      const rank = indices.rank;
      const picked = Array.from({ length: rank }, (_, i) => axis + i);
      const rest = g.shape.map((_, a) => a).filter((a) => !picked.includes(a));
      const rows = reshape(transpose(g, [...picked, ...rest]), [
        indices.size,
        ...rest.map((a) => sizeOfAxis(g, a, "gather")),
      ]);
      const added = scatterAddRows(rows, reshape(indices, [indices.size]), sizeOfAxis(x, axis, "gather"));
      return [transpose(added, axisToPlace(x.rank, axis)), null];
    },
  },
  emit: (e, [x, indices], axis) => e.node("Gather", [x, indices], { axis }),
};

const sameButFor = (axis: number, a: Shape, b: Shape) =>
  a.length === b.length && a.every((size, i) => i === axis || size === b[i]);

/** The order that brings axis 0 to place `axis`. */
function axisToPlace(rank: number, axis: number): number[] {
  const rest = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  return [...rest.slice(0, axis), 0, ...rest.slice(axis)];
}

export const scatterAddRowsOperator: Operator<null, Three, One> = {
  name: "scatterAddRows",
  infer(inputs) {
    const [base, indices, rows] = inputs;
    requireType("scatterAddRows", FLOAT, [base, rows]);
    requireType("scatterAddRows (its indices)", ["int64"], [indices]);
    const fits =
      sameShape(rows.shape, [...indices.shape, ...base.shape.slice(1)]) &&
      indices.rank === 1 &&
      base.rank >= 1;
    if (!fits) throw shapeError("scatterAddRows", "base [N, …], indices [M] and rows [M, …]", inputs);
    return [base];
  },
  gradient: { rule: ({ inputs: [, indices], grads: [g] }) => [g, null, gather(g, indices)] },
  emit(e, [base, indices, rows], _attrs, node) {
    const [{ shape }, { size: m }] = node.inputs;
    const [count, width] = [sizeOfAxis(shape, 0, "scatterAddRows"), sizeOf(shape.slice(1))];
    const flatBase = e.node("Reshape", [base, e.shape([count, width])])[0];
    const flatRows = e.node("Reshape", [rows, e.shape([m, width])])[0];
    const isFew = count <= FEW_PLACES && count * m <= LARGEST_ONE_HOT;
    const added = (isFew ? emitOneHotSum : emitScatter)(e, {
      flatBase,
      indices: indices,
      flatRows,
      count,
      width,
      m,
    });
    return e.node("Reshape", [added, e.shape(shape)]);
  },
};

/*
 * ONNX has ScatterND with addition, but ONNX Runtime's CPU provider adds from several threads without a lock, and rows
 * with one index get lost (seen in 1.30 with 2 threads: 4,096 rows of 384 on 65 places were wrong in 43 of 60 runs;
 * reported as onnxruntime #18048). ScatterElements is sequential, and so right, but takes 24 ns an element and more: 37 ms
 * for those rows. A product with the one-hot matrix of the indices took 2.4 ms, and grows with the number of places.
 */
const FEW_PLACES = 1024;
/** Elements of the one-hot matrix: 64 MB. */
const LARGEST_ONE_HOT = 1 << 24;

interface RowScatter {
  /** `[count, width]` */
  flatBase: string;
  /** `[m]` */
  indices: string;
  /** `[m, width]` */
  flatRows: string;
  count: number;
  width: number;
  m: number;
}

/** `base + oneHotᵀ · rows` */
function emitOneHotSum(e: Emitter, { flatBase, indices, flatRows, count }: RowScatter): string {
  const offAndOn = e.constant(Float32Array.of(0, 1), [2], "float32");
  const oneHot = e.node("OneHot", [indices, e.int64([count]), offAndOn], { axis: -1 })[0]; // [m, count]
  return e.node("Gemm", [oneHot, flatRows, flatBase], { transA: 1 })[0];
}

function emitScatter(e: Emitter, { flatBase, indices, flatRows, width, m }: RowScatter): string {
  const column = e.node("Reshape", [indices, e.shape([m, 1])])[0];
  const places = e.node("Expand", [column, e.int64([1, width])])[0];
  return e.node("ScatterElements", [flatBase, places, flatRows], {
    axis: 0,
    reduction: "add",
  })[0];
}

export const scatterAddAxisOperator: Operator<number, Three, One> = {
  name: "scatterAddAxis",
  infer(inputs, axis) {
    const [base, indices, x] = inputs;
    requireType("scatterAddAxis", FLOAT, [base, x]);
    requireType("scatterAddAxis (its indices)", INDEX, [indices]);
    const fits = sameShape(indices.shape, x.shape) && sameButFor(axis, base.shape, x.shape);
    if (!fits)
      throw shapeError("scatterAddAxis", `base, indices and x that differ only on axis ${axis}`, inputs);
    return [base];
  },
  gradient: {
    rule: ({ inputs: [, indices], grads: [g], attrs: axis }) => [g, null, gatherAlong(g, indices, axis)],
  },
  emit: (e, inputs, axis) => e.node("ScatterElements", inputs, { axis, reduction: "add" }),
};

export const gatherAlongOperator: Operator<number, Two, One> = {
  name: "gatherAlong",
  infer([x, indices], axis) {
    requireType("gatherAlong (its indices)", INDEX, [indices]);
    if (!sameButFor(axis, x.shape, indices.shape))
      throw shapeError("gatherAlong", `equal sizes on all axes but ${axis}`, [x, indices]);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  gradient: {
    rule: ({ inputs: [x, indices], grads: [g], attrs: axis }) => [
      scatterAddAxis(g, indices, axis, sizeOfAxis(x, axis, "gatherAlong")),
      null,
    ],
  },
  emit: (e, inputs, axis) => e.node("GatherElements", inputs, { axis }),
};

/**
 * Slices of `x` along `axis` at `indices` (any shape, int64 or int32), which replace that axis: `[…, indices.shape, …]`.
 * An index outside the axis is an error of the run (`runtime/run`): its value is not known before.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return apply1(gatherOperator, [x, indices], normalizeAxis(x, axis, "gather"));
}

/**
 * One element along `axis` for every position of `indices`: `out[i][j] = x[i][indices[i][j]]` for axis 1.
 *
 * @throws AfterimageError `tensor/shape` when x and indices differ on another axis.
 */
export function gatherAlong(x: Tensor, indices: Tensor, axis = -1): Tensor {
  return apply1(gatherAlongOperator, [x, indices], normalizeAxis(x, axis, "gatherAlong"));
}

/**
 * `[M, …]` rows added into zeros `[count, …]` at `indices [M]`, each in [0, count); rows with one index add up.
 *
 * @throws AfterimageError `tensor/shape` when there is not one index a row.
 */
export function scatterAddRows(rows: Tensor, indices: Tensor, count: number): Tensor {
  const base = full([count, ...rows.shape.slice(1)], 0);
  return apply1(scatterAddRowsOperator, [base, cast(indices, "int64"), rows], null);
}

/** The adjoint of {@link gatherAlong}: elements added into zeros with `count` places along `axis`. */
export function scatterAddAxis(x: Tensor, indices: Tensor, axis: number, count: number): Tensor {
  const a = normalizeAxis(x, axis, "scatterAddAxis");
  const base = full(
    x.shape.map((size, i) => (i === a ? count : size)),
    0,
  );
  return apply1(scatterAddAxisOperator, [base, indices, x], a);
}
