/** Joining tensors along an axis and its adjoint, cutting them apart: concat ↔ split. */
import { AfterimageError } from "../../errors.ts";
import { apply, apply1, type Operator, type Shape, sameShape, shapeError, type Tensor } from "../tensor.ts";
import { normalizeAxis } from "./axes.ts";
import { full } from "./source.ts";

export const concatOperator: Operator<number> = {
  name: "concat",
  infer(inputs, axis) {
    const [first] = inputs;
    const withoutAxis = (shape: Shape) => shape.toSpliced(axis, 1);
    const same = inputs.every(
      (x) => x.dtype === first!.dtype && sameShape(withoutAxis(x.shape), withoutAxis(first!.shape)),
    );
    if (!same) throw shapeError("concat", `one type and equal sizes on all axes but ${axis}`, inputs);
    const size = inputs.reduce((total, x) => total + x.shape[axis]!, 0);
    return [{ shape: first!.shape.map((s, a) => (a === axis ? size : s)), dtype: first!.dtype }];
  },
  gradient: {
    rule: ({ inputs, grads: [g], attrs: axis }) =>
      split(
        g!,
        axis,
        inputs.map((x) => x.shape[axis]!),
      ),
  },
  emit: (e, inputs, axis) => e.node("Concat", inputs, { axis: { int: axis } }),
};

export interface SplitAttrs {
  axis: number;
  sizes: readonly number[];
}

export const splitOperator: Operator<SplitAttrs> = {
  name: "split",
  infer([x], { axis, sizes }) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x!.shape[axis] || sizes.some((size) => size < 1))
      throw shapeError("split", `sizes [${sizes}] that add up to axis ${axis}`, [x!]);
    return sizes.map((size) => ({ shape: x!.shape.map((s, a) => (a === axis ? size : s)), dtype: x!.dtype }));
  },
  gradient: {
    rule: ({ outputs, grads, attrs: { axis } }) => [
      concat(
        outputs.map((part, index) => grads[index] ?? full(part.shape, 0)),
        axis,
      ),
    ],
  },
  emit: (e, [x], { axis, sizes }) =>
    e.node("Split", [x!, e.int64(sizes)], { axis: { int: axis } }, { outputs: sizes.length }),
};

/**
 * Tensors one after another along `axis`.
 *
 * @throws AfterimageError `tensor/shape` for none, or when types or sizes on other axes differ.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) {
    throw new AfterimageError("tensor/shape", { what: "concat of nothing", expected: "at least one tensor" });
  }
  return tensors.length === 1
    ? tensors[0]!
    : apply1(concatOperator, tensors, normalizeAxis(tensors[0]!, axis, "concat"));
}

/**
 * `x` cut along `axis` into parts of the given sizes.
 *
 * @throws AfterimageError `tensor/shape` when the sizes, each 1 or more, do not add up to that of the axis.
 */
export function split(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] {
  const attrs = { axis: normalizeAxis(x, axis, "split"), sizes };
  return sameShape(sizes, [x.shape[attrs.axis]!]) ? [x] : apply(splitOperator, [x], attrs);
}
