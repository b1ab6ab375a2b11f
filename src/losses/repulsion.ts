import {
  add,
  argmax,
  cast,
  concat,
  equal,
  logSumExp,
  matmul,
  mul,
  sizeOfAxis,
  sliceAxis,
  softmax,
  sum,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { added, after, rowsOfStretch, type Stretch, stretchesOf } from "./stretches.ts";
import { withoutColumns } from "./view-pairs.ts";

export interface RepulsionOptions {
  /** Number of rows compared at a time. By default as many as give 2 million similarities. */
  rowsAtOnce?: number | undefined;
  /** The index of the candidate that is the positive of each row of a stretch, int64 `[R]`. */
  positives(stretch: Stretch): Tensor;
  /** Adds to the similarities `[R, C]` of a stretch a term that excludes candidates from the sum. */
  exclude?(similarities: Tensor, stretch: Stretch): Tensor;
  /**
   * Whether a row's positive is left out of its sum, as in decoupled contrastive learning; false by default.
   */
  decoupled?: boolean | undefined;
}

/**
 * Σ_i log Σ_k exp(u_i · e_k) for rows u `[B, D]` and candidates e `[C, D]`, and the number of rows whose
 * nearest candidate is their positive. Rows are compared in stretches, so that memory grows with B and not
 * with B · C.
 *
 * With p the softmax of a stretch's similarities, its part of the gradient is p·e with respect to u and pᵀ·u
 * with respect to e. Both are computed together with the value, and the next stretch waits for them, so that
 * p is freed by then.
 */
export function repulsion(
  u: Tensor,
  e: Tensor,
  {
    rowsAtOnce = rowsOfStretch(sizeOfAxis(e, 0, "repulsion"), 128),
    positives,
    exclude,
    decoupled = false,
  }: RepulsionOptions,
): { total: Tensor; hits: Tensor } {
  const sums: Tensor[] = [];
  const hits: Tensor[] = [];
  const byU: Tensor[] = [];
  let byE: Tensor | null = null;
  for (const stretch of stretchesOf(sizeOfAxis(u, 0, "repulsion"), rowsAtOnce)) {
    const made: Tensor[] = byE === null ? [] : [byE, byU.at(-1)!, sums.at(-1)!, hits.at(-1)!];
    const own: Tensor = after(sliceAxis(u, 0, stretch.start, stretch.end), made); // [R, D]
    const similarities = matmul(own, e, { transposeB: true }); // [R, C]
    const others = exclude?.(similarities, stretch) ?? similarities;
    hits.push(sum(cast(equal(argmax(others, 1), positives(stretch)), "float32")));
    const logits = decoupled ? withoutColumns(others, positives(stretch)) : others;
    sums.push(sum(logSumExp(logits, [1])));
    const p = softmax(logits);
    byU.push(matmul(p, e));
    const part = matmul(p, own, { transposeA: true }); // [C, D]
    byE = byE === null ? part : add(byE, part);
  }
  const rule = (g: Tensor) => [mul(concat(byU), g), mul(byE!, g)];
  return { total: withDerivative(added(sums), [u, e], rule), hits: added(hits) };
}
