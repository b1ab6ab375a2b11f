import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  concat,
  constant,
  div,
  mean,
  mul,
  type Operand,
  sizeOfAxis,
  sliceAxis,
  sub,
  sum,
  Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { repulsion } from "./repulsion.ts";

export interface InfoNceOptions {
  /** Divides the similarities; above 0. A tensor gets its gradient (a learned temperature). */
  temperature: Operand;
  /** Whether rows are compared by cosine (the default) or by dot product (CPC). */
  normalize?: boolean;
  /**
   * Rows of similarities that are computed at a time, so that memory does not grow with B · C. By default as
   * many as give 2 million similarities.
   */
  rowsAtOnce?: number;
}

export interface InfoNceResult {
  /** The value of {@link infoNce}. */
  loss: Tensor;
  /** The share of queries whose positive is the nearest of all candidates, the first of equals. */
  accuracy: Tensor;
}

/**
 * InfoNCE within a batch, a scalar in nats: the mean over queries i of
 *
 *   -log( exp(s(q_i, c_i)/τ) / Σ_k exp(s(q_i, c_k)/τ) ),
 *
 * s the cosine or the dot product. The positive of query i is candidate i; all others are its negatives.
 * Candidates that are all equal give ln C. The gradient passes to both sides; put `stopGradient` around a
 * side that must not learn.
 *
 * Source: CPC, arXiv 1807.03748, equation 4, with dot products. Other losses in these terms:
 * - CMC's (arXiv 1906.05849, section 3.2) is this in both directions, with the batch as negatives.
 * - `contrastive_loss` in MoCo v3's `moco/builder.py` is this times 2τ (`mocoV3Loss`).
 * - NNCLR's (arXiv 2104.14548, equation 4) has nearest neighbours as queries and the other view as
 *   candidates.
 *
 * @param queries `[B, D]`.
 * @param candidates `[C, D]` with C at least B, or several such blocks, of which the first holds the
 * positives.
 * @throws AfterimageError `tensor/shape` when widths differ or there are fewer candidates than queries.
 */
export function infoNce(
  queries: Tensor,
  candidates: Tensor | readonly Tensor[],
  options: InfoNceOptions,
): Tensor {
  return infoNceWithAccuracy(queries, candidates, options).loss;
}

/** {@link infoNce} and the contrastive accuracy. Parts of the result that are not used cost nothing. */
export function infoNceWithAccuracy(
  queries: Tensor,
  candidates: Tensor | readonly Tensor[],
  { temperature, normalize = true, rowsAtOnce }: InfoNceOptions,
): InfoNceResult {
  const blocks = candidates instanceof Tensor ? [candidates] : candidates;
  requireCandidates(queries, blocks);
  const [q, c] = [queries, concat(blocks)].map((rows) => (normalize ? l2Normalize(rows) : rows)) as [
    Tensor,
    Tensor,
  ];
  const count = sizeOfAxis(q, 0, "infoNce");
  const { total, hits } = repulsion(byTemperature(q, temperature), c, { rowsAtOnce, positives: diagonal });
  const positives = sliceAxis(c, 0, 0, count); // [B, D]
  const attraction = div(mean(sum(mul(q, positives), [1])), temperature);
  return { loss: sub(div(total, count), attraction), accuracy: div(hits, count) };
}

function diagonal({ start, end }: { start: number; end: number }): Tensor {
  const columns = Array.from({ length: end - start }, (_, r) => start + r);
  return constant(columns, [end - start], "int64");
}

function requireCandidates(queries: Tensor, blocks: readonly Tensor[]): void {
  const [count, width] = queries.shape;
  const fits = blocks.every(({ rank, shape }) => rank === 2 && shape[1] === width);
  if (queries.rank !== 2 || !fits || !(blocks.length > 0 && blocks[0]!.shape[0]! >= count!))
    throw shapeError("infoNce", "queries [B, D] and at least B candidates [C, D]", [queries, ...blocks]);
}
