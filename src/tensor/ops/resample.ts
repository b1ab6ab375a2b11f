/** Interpolation of maps: a sparse matrix along each axis, and its transpose as its derivative. */
import { apply1, FLOAT, type One, type Operator, requireType, shapeError, type Tensor } from "../tensor.ts";
import { gather } from "./indexing.ts";
import { matrixOf, type Taps } from "./interpolation-taps.ts";
import { matmul } from "./matmul.ts";
import { constant } from "./source.ts";

export interface ResampleAttrs {
  /** The axis that is replaced: the last one, or the one before it. */
  axis: -1 | -2;
  taps: Taps;
  /** Whether by the transpose of the taps' matrix: from `to` samples to `from`. */
  transposed: boolean;
}

export const resampleOperator: Operator<ResampleAttrs, One, One> = {
  name: "resample",
  infer([x], { axis, taps, transposed }) {
    requireType("resample", FLOAT, [x]);
    const [before, after] = transposed ? [taps.to, taps.from] : [taps.from, taps.to];
    if (x.rank < 2 || x.shape.at(axis) !== before)
      throw shapeError("resample", `${before} samples on axis ${axis}`, [x]);
    return [{ shape: x.shape.with(axis, after), dtype: x.dtype }];
  },
  gradient: {
    rule: ({ grads: [g], attrs }) => [resample(g, { ...attrs, transposed: !attrs.transposed })],
  },
  expand: ([x], attrs) => [copiesRows(attrs) ? rowsOf(x, attrs) : product(x, attrs)],
};

/** x with its samples along one axis replaced by weighted sums of them. */
export function resample(x: Tensor, attrs: ResampleAttrs): Tensor {
  return apply1(resampleOperator, [x], attrs);
}

/** Whether each row of the result is one of x. Rows are copied faster than they are multiplied. */
function copiesRows({ axis, taps, transposed }: ResampleAttrs): boolean {
  return axis === -2 && taps.reach === 1 && !transposed;
}

function rowsOf(x: Tensor, { taps }: ResampleAttrs): Tensor {
  return gather(x, constant(taps.places, [taps.to], "int32"), -2);
}

function product(x: Tensor, { axis, taps, transposed }: ResampleAttrs): Tensor {
  const isTurned = transposed !== (axis === -1); // the matrix stands on the right of the last axis
  const shape = isTurned ? [taps.from, taps.to] : [taps.to, taps.from];
  const matrix = constant(matrixOf(taps, isTurned), shape);
  return axis === -1 ? matmul(x, matrix) : matmul(matrix, x);
}
