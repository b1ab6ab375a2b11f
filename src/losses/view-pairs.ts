import {
  add,
  cast,
  constant,
  equal,
  mul,
  reshape,
  shapeOf,
  sliceAxis,
  type Tensor,
} from "../tensor/index.ts";
import type { Stretch } from "./stretches.ts";

/*
 * Two views of B pictures as 2B rows, first views then second. These functions find the rows of a picture,
 * for a stretch of rows compared with all.
 */

/** Added to a similarity that does not count, so that its exponential is 0. */
const EXCLUDED = -1e9;

/** The row of the other view of the same picture, int64 `[R]`, for each row of a stretch of `all` rows. */
export function otherViews({ start, end }: Stretch, all: number): Tensor {
  const rows = Array.from({ length: end - start }, (_, r) => (start + r + all / 2) % all);
  return constant(rows, [end - start], "int64");
}

/** The similarities `[R, 2B]` of a stretch, with a row's similarity to itself excluded. */
export function withoutSelf(similarities: Tensor, { start, end }: Stretch): Tensor {
  const self = Array.from({ length: end - start }, (_, r) => start + r);
  return withoutColumns(similarities, constant(self, [end - start], "int64"));
}

/**
 * Similarities `[R, C]` with column `columns[r]` of each row r excluded. A large negative number is added
 * there, which takes one quick pass forward and none backward; `where` would take more. exp(-1e9) is 0 in
 * both cases.
 */
export function withoutColumns(similarities: Tensor, columns: Tensor): Tensor {
  return add(similarities, mul(cast(columnIs(similarities, columns), "float32"), EXCLUDED));
}

/**
 * A mask of the shape of `matrix` `[R, C]`: true where column k of row r is `columns[r]`. The column numbers
 * depend on the matrix by a term of 0. Otherwise the runtime would treat the masks as constants, compute all
 * of them beforehand and keep them.
 */
export function columnIs(matrix: Tensor, columns: Tensor): Tensor {
  const [rows, all] = shapeOf(matrix, 2, "otherViews");
  const nothing = cast(mul(sliceAxis(matrix, 1, 0, 1), 0), "int64"); // [R, 1]
  const wanted = add(reshape(columns, [rows, 1]), nothing);
  const places = Array.from({ length: all }, (_, k) => k);
  return equal(wanted, constant(places, [1, all], "int64"));
}
