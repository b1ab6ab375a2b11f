/** Joining tensors along an axis and its adjoint, cutting them apart: concat ↔ split. */
import { AfterimageError } from "../../errors.ts";
import {
  apply,
  apply1,
  type One,
  type Operator,
  type Shape,
  sameShape,
  shapeError,
  sizeOfAxis,
  type Tensor,
} from "../tensor.ts";
import { normalizeAxis } from "./axes.ts";
import { full } from "./source.ts";

export const concatOperator: Operator<number, readonly [Tensor, ...Tensor[]], One> = {
  name: "concat",
  infer(inputs, axis) {
    const [first] = inputs;
    const withoutAxis = (shape: Shape) => shape.toSpliced(axis, 1);
    const same = inputs.every(
      (x) => x.dtype === first.dtype && sameShape(withoutAxis(x.shape), withoutAxis(first.shape)),
    );
    if (!same) throw shapeError("concat", `one type and equal sizes on all axes but ${axis}`, inputs);
    const size = inputs.reduce((total, x) => total + sizeOfAxis(x, axis, "concat"), 0);
    return [{ shape: first.shape.map((s, a) => (a === axis ? size : s)), dtype: first.dtype }];
  },
  gradient: {
    rule: ({ inputs, grads: [g], attrs: axis }) =>
      split(
        g,
        axis,
        inputs.map((x) => sizeOfAxis(x, axis, "concat")),
      ),
  },
  emit: (e, inputs, axis) => e.node("Concat", inputs, { axis }),
};

export interface SplitAttrs {
  axis: number;
  sizes: readonly number[];
}

export const splitOperator: Operator<SplitAttrs, One> = {
  name: "split",
  infer([x], { axis, sizes }) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x.shape[axis] || sizes.some((size) => size < 1))
      throw shapeError("split", `sizes [${sizes}] that add up to axis ${axis}`, [x]);
    const [first = 0, ...more] = sizes;
    const part = (size: number) => ({ shape: x.shape.with(axis, size), dtype: x.dtype });
    return [part(first), ...more.map(part)];
  },
  gradient: {
    rule: ({ outputs, grads, attrs: { axis } }) => [
      concat(
        outputs.map((part, index) => grads[index] ?? full(part.shape, 0)),
        axis,
      ),
    ],
  },
  emit: (e, [x], { axis, sizes }) => e.node("Split", [x, e.int64(sizes)], { axis }, sizes.length),
};

/**
 * Tensors one after another along `axis`.
 *
 * @throws AfterimageError `tensor/shape` for none, or when types or sizes on other axes differ.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const [first, ...rest] = tensors;
  if (first === undefined) {
    throw new AfterimageError("tensor/shape", { what: "concat of nothing", expected: "at least one tensor" });
  }
  if (rest.length === 0) return first;
  return apply1(concatOperator, [first, ...rest], normalizeAxis(first, axis, "concat"));
}

/**
 * `x` cut along `axis` into parts of the given sizes.
 *
 * @throws AfterimageError `tensor/shape` when the sizes, each 1 or more, do not add up to that of the axis.
 */
export function split(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] {
  const attrs = { axis: normalizeAxis(x, axis, "split"), sizes };
  return sameShape(sizes, [sizeOfAxis(x, attrs.axis, "split")]) ? [x] : apply(splitOperator, [x], attrs);
}
