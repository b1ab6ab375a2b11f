import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  add,
  argmax,
  cast,
  concat,
  constant,
  div,
  equal,
  logSumExp,
  matmul,
  mean,
  mul,
  type Operand,
  reshape,
  sliceAxis,
  softmax,
  sub,
  sum,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

export interface NtXentOptions {
  /** Divides the cosines; above 0. SimCLR: 0.1 on ImageNet, 0.5 on CIFAR-10. */
  temperature: Operand;
  /**
   * Rows of similarities that are computed at a time: a large batch is compared with itself in stretches, so that memory
   * grows with the batch and not with its square. By default as many as give 2 million similarities.
   */
  rowsAtOnce?: number;
}

/** What is added to the similarity of a row with itself: its exponential is then 0. */
const EXCLUDED = -1e9;

/**
 * NT-Xent, the normalised temperature-scaled cross-entropy loss, a scalar in nats: the mean over all 2B rows i of
 * -log( exp(s(i, p(i))/τ) / Σ_{k≠i} exp(s(i, k)/τ) ), s the cosine and p(i) the other view of the same picture.
 *
 * Source: SimCLR, arXiv 2002.05709, equation 1 and algorithm 1. The authors' `objective.py` adds the means of the
 * two halves instead of averaging them: twice this value. All rows equal give ln(2B - 1).
 *
 * @param first `[B, D]`, one view of each picture; normalised here.
 * @param second `[B, D]`, the other view, in the same order.
 * @throws AfterimageError `tensor/shape` when the two are not matrices of one shape.
 */
export function ntXent(first: Tensor, second: Tensor, options: NtXentOptions): Tensor {
  return ntXentWithAccuracy(first, second, options).loss;
}

export interface NtXentResult {
  /** The value of {@link ntXent}. */
  loss: Tensor;
  /** The share of the 2B rows whose other view is the nearest of the 2B - 1 other rows. */
  accuracy: Tensor;
}

/**
 * {@link ntXent} and the contrastive accuracy. What is not used of the result costs nothing where the batch is compared
 * with itself in one stretch.
 * (The authors' accuracy looks for the other view among the B rows of the other views only.)
 */
export function ntXentWithAccuracy(
  first: Tensor,
  second: Tensor,
  { temperature, rowsAtOnce = rowsFor(2 * first.shape[0]!) }: NtXentOptions,
): NtXentResult {
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw shapeError("ntXent", "two views [B, D] of one shape", [first, second]);
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const rows = concat([a, b]); // [2B, D]
  const { total, hits } = repulsion(div(rows, temperature), rows, rowsAtOnce);
  // s(i, p(i)) is the same for both views of a picture, so its mean over 2B rows is that over B pictures.
  const attraction = div(mean(sum(mul(a, b), [1])), temperature);
  const count = rows.shape[0]!;
  return { loss: sub(div(total, count), attraction), accuracy: div(hits, count) };
}

function rowsFor(rows: number): number {
  return Math.max(128, Math.floor(2 ** 21 / rows));
}

/**
 * Σ_i log Σ_{k≠i} exp(u_i · e_k) for rows u and e, `[2B, D]`, stretch by stretch: with p the softmax of a stretch's
 * similarities, its part of the gradient is p·e by u and pᵀ·u by e. Both are made with the value, and the next stretch
 * waits for all that is made of one: so its similarities are gone before the next ones are there.
 */
function repulsion(u: Tensor, e: Tensor, rowsAtOnce: number): { total: Tensor; hits: Tensor } {
  const count = e.shape[0]!;
  const byU: Tensor[] = [];
  let soFar: Sums | null = null;
  for (let start = 0; start < count; start += rowsAtOnce) {
    const rows = sliceAxis(u, 0, start, Math.min(start + rowsAtOnce, count)); // [R, D]
    const waiting: Tensor = soFar === null ? rows : after(rows, [...Object.values(soFar), byU.at(-1)!]);
    const made = compare(waiting, e, start);
    byU.push(made.byU);
    soFar = soFar === null ? made.sums : plus(soFar, made.sums);
  }
  const { total, hits, byE } = soFar!;
  const rule = (g: Tensor) => [mul(concat(byU), g), mul(byE, g)];
  return { total: withDerivative(total, [u, e], rule), hits };
}

/** What is added up over the stretches; `byE` is the gradient of `total` by e, `[2B, D]`. */
type Sums = Record<"total" | "hits" | "byE", Tensor>;

const plus = (a: Sums, b: Sums): Sums => ({
  total: add(a.total, b.total),
  hits: add(a.hits, b.hits),
  byE: add(a.byE, b.byE),
});

/** What the similarities of `rows` to all come to; the first of them is row `start` of the batch. */
function compare(rows: Tensor, e: Tensor, start: number): { sums: Sums; byU: Tensor } {
  const logits = withoutSelf(matmul(rows, e, { transposeB: true }), start); // [R, 2B]
  const p = softmax(logits);
  const sums = {
    total: sum(logSumExp(logits, [1])),
    hits: hitsOf(logits, start),
    byE: matmul(p, rows, { transposeA: true }),
  };
  return { sums, byU: matmul(p, e) };
}

/** `x`, which is made after the others. */
function after(x: Tensor, others: readonly Tensor[]): Tensor {
  const elements = others.map((other) => sliceAxis(reshape(other, [-1]), 0, 0, 1));
  return add(x, mul(sum(concat(elements)), 0));
}

/**
 * Row r of these similarities is that of row `start + r` of the batch. Added rather than chosen by `where`: one quick
 * pass forward and none backward, since exp(-1e9) is 0 anyway. The row numbers hang on the similarities by a 0, or the
 * runtime would compute all masks beforehand and keep them.
 */
function withoutSelf(similarities: Tensor, start: number): Tensor {
  const [own, all] = similarities.shape as [number, number];
  const self = Array.from({ length: own }, (_, r) => start + r);
  const places = Array.from({ length: all }, (_, i) => i);
  const nothing = cast(mul(sliceAxis(similarities, 1, 0, 1), 0), "int64"); // [R, 1]
  const rows = add(constant(self, [own, 1], "int64"), nothing);
  const isSelf = equal(rows, constant(places, [1, all], "int64"));
  return add(similarities, mul(cast(isSelf, "float32"), EXCLUDED));
}

/** How many rows are nearest to their other view. */
function hitsOf(logits: Tensor, start: number): Tensor {
  const [own, all] = logits.shape as [number, number];
  const partners = Array.from({ length: own }, (_, r) => (start + r + all / 2) % all);
  return sum(cast(equal(argmax(logits, 1), constant(partners, [own], "int64")), "float32"));
}
