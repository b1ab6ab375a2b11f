/** Interpolation of maps: a sparse matrix along each axis, and its transpose as its derivative. */
import type { AttributesOf } from "../../onnx/attributes.ts";
import {
  apply1,
  type Emitter,
  FLOAT,
  type One,
  type Operator,
  requireType,
  type Shape,
  shapeError,
  type Tensor,
} from "../tensor.ts";
import { matrixOf, type Taps } from "./interpolation-taps.ts";

/** The last axis of a tensor, or the one before it, with what replaces it. */
export interface AxisChange {
  axis: -1 | -2;
  taps: Taps;
}

export interface ResampleAttrs {
  /** One for each axis that changes, in the order of computation. */
  changes: readonly AxisChange[];
  /** Whether by the transposes of the taps' matrices: from `to` samples to `from`. */
  transposed: boolean;
}

export const resampleOperator: Operator<ResampleAttrs, One, One> = {
  name: "resample",
  infer([x], { changes, transposed }) {
    requireType("resample", FLOAT, [x]);
    let { shape } = x;
    for (const { axis, taps } of changes) {
      const [before, after] = transposed ? [taps.to, taps.from] : [taps.from, taps.to];
      if (x.rank < 2 || shape.at(axis) !== before)
        throw shapeError("resample", `${before} samples on axis ${axis}`, [x]);
      shape = shape.with(axis, after);
    }
    return [{ shape, dtype: x.dtype }];
  },
  gradient: {
    rule: ({ grads: [g], attrs: { changes, transposed } }) => [
      resample(g, { changes: changes.toReversed(), transposed: !transposed }),
    ],
  },
  emit(e, [x], attrs, { outputs: [y] }) {
    if (productsPerNumber(attrs) > MOST_PRODUCTS) {
      if (isBlockSum(attrs)) return emitBlockSums(e, x, attrs, y.shape);
      const resize = resizeAttributes(attrs);
      const scales = scalesOf(attrs, y.rank);
      if (resize !== null) return e.node("Resize", [x, "", e.constant(scales, [y.rank], "float32")], resize);
    }
    return [attrs.changes.reduce((z, change) => emitProduct(e, z, change, attrs), x)];
  },
};

/** x with its samples along one or two axes replaced by weighted sums of them. */
export function resample(x: Tensor, attrs: ResampleAttrs): Tensor {
  return attrs.changes.length === 0 ? x : apply1(resampleOperator, [x], attrs);
}

/** The product with the matrix of an axis: on the left of the last but one axis, on the right of the last. */
function emitProduct(
  e: Emitter,
  x: string,
  { axis, taps }: AxisChange,
  { transposed }: ResampleAttrs,
): string {
  const isTurned = transposed !== (axis === -1);
  const shape: Shape = isTurned ? [taps.from, taps.to] : [taps.to, taps.from];
  const matrix = e.constant(matrixOf(taps, isTurned), shape, "float32");
  return e.node("MatMul", axis === -1 ? [x, matrix] : [matrix, x])[0];
}

/**
 * Products from which on other operators are faster than products with matrices, whose zeros are multiplied
 * too: ONNX Runtime's `Resize` in two modes, and sums of blocks for the transpose of copies. docs/engine.md
 * has the measurements.
 */
const MOST_PRODUCTS = 64;

/** Multiplications for one number on the larger side. */
function productsPerNumber({ changes, transposed }: ResampleAttrs): number {
  let [products, share] = [0, 1];
  for (const { taps } of transposed ? changes : changes.toReversed()) {
    products += taps.from * share;
    share *= taps.from / taps.to; // numbers of the smaller side of this axis for one of the larger
  }
  return products;
}

function hasWholeFactors(changes: readonly AxisChange[]): boolean {
  return changes.every(({ taps: { from, to, step, alignCorners } }) => {
    const factor = to / from;
    return Number.isInteger(factor) && (alignCorners || Math.abs(step * factor - 1) < 1e-9);
  });
}

/** Whether each number of the result is the sum of the copies that interpolation had made of it. */
function isBlockSum({ changes, transposed }: ResampleAttrs): boolean {
  return transposed && changes.every(({ taps }) => taps.kind === "nearest") && hasWholeFactors(changes);
}

/** `[…, H·f, W·f]` as `[…, H, f, W, f]`, summed over the axes of copies. */
function emitBlockSums(
  e: Emitter,
  x: string,
  { changes }: ResampleAttrs,
  shape: Shape,
): [string, ...string[]] {
  const factorOf = (axis: number) => {
    const taps = changes.find((change) => change.axis === axis - shape.length)?.taps;
    return taps === undefined ? 1 : taps.to / taps.from;
  };
  const apart = shape.flatMap((size, axis) => (axis < shape.length - 2 ? [size] : [size, factorOf(axis)]));
  const blocks = e.node("Reshape", [x, e.shape(apart)])[0];
  const copies = e.int64([shape.length - 1, shape.length + 1]);
  return e.node("ReduceSum", [blocks, copies], { keepdims: 0 });
}

/** As attributes of `Resize`; null for what it does otherwise than PyTorch, or slowly. */
function resizeAttributes({ changes, transposed }: ResampleAttrs): AttributesOf<"Resize"> | null {
  const [first] = changes;
  if (transposed || first === undefined) return null;
  const { kind, alignCorners, antialias } = first.taps;
  if (antialias || !hasWholeFactors(changes)) return null;
  if (kind === "nearest")
    return { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  if (kind !== "linear") return null;
  return { mode: "linear", coordinate_transformation_mode: alignCorners ? "align_corners" : "half_pixel" };
}

function scalesOf({ changes }: ResampleAttrs, rank: number): Float32Array {
  const scales = new Float32Array(rank).fill(1);
  for (const { axis, taps } of changes) scales[rank + axis] = taps.to / taps.from;
  return scales;
}
