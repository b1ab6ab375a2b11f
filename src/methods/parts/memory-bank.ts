/**
 * Building blocks of methods with a row for every picture: the bank, the loss that identifies a picture's
 * row, and the next rows.
 */
import { nce, nceNormalizer } from "../../losses/nce.ts";
import { nonParametricSoftmaxWithAccuracy } from "../../losses/non-parametric-softmax.ts";
import { uniform, zeros } from "../../nn/initializers.ts";
import { l2Normalize } from "../../nn/l2-normalize.ts";
import type { Scope } from "../../nn/scope.ts";
import type { Bank, MemoryInputs } from "../../objectives/memory.ts";
import {
  add,
  cast,
  greater,
  matmul,
  max,
  mean,
  mul,
  stopGradient,
  sum,
  type Tensor,
  where,
} from "../../tensor/index.ts";

export interface BankOptions {
  /**
   * Negatives drawn from the bank at each step; 0, or at least as many as there are pictures, uses the whole
   * bank.
   */
  negatives: number;
  /** D. */
  width: number;
}

/**
 * A bank whose rows start at U(±√(3/D)), with a mean squared length of 1. They are not normalised, as in
 * `NCEAverage` of zhirongw/lemniscate.pytorch (`lib/NCEAverage.py`) and of HobbitLong/CMC
 * (`NCE/NCEAverage.py`).
 */
export function memoryBank(name: string, { negatives, width }: BankOptions): Bank {
  const pool = negatives === 0 ? null : negatives;
  return { kind: "bank", name, width, pool, initial: uniform(Math.sqrt(3 / width)) };
}

export interface Discrimination {
  loss: Tensor;
  /** The share of embeddings that are nearer to their own row than to all other rows in the step. */
  accuracy: Tensor;
}

/**
 * The loss of identifying each picture's row among the rows of a bank: a softmax if the step sees the whole
 * bank, otherwise NCE.
 *
 * NCE's rows are drawn with repetition once a step, for all its pictures; the authors draw them for each
 * picture separately. Each row is as likely to be a picture's negative as in their code, so the expected
 * gradient is the same. One product `[B, D] · [D, K]` replaces a gather of `[B, K, D]`.
 *
 * @param embeddings unit rows `[B, D]`.
 * @param scope where NCE keeps its constant, as `normalizer`: Z/N, estimated from the first batch (0 before
 * it). Because it is divided by N, it stays valid when pictures are added.
 */
export function discriminate(
  embeddings: Tensor,
  { rows, own, places, size }: MemoryInputs,
  { temperature, scope }: { temperature: number; scope: Scope },
): Discrimination {
  if (places !== undefined)
    return nonParametricSoftmaxWithAccuracy({ embeddings, indices: places, bank: rows, temperature });
  const positives = sum(mul(embeddings, stopGradient(own!)), [1]); // [B]
  const negatives = matmul(embeddings, stopGradient(rows), { transposeB: true }); // [B, K]
  const similarities = { positives, negatives, temperature, bankSize: size };
  const kept = scope.state("normalizer", [], zeros);
  const perRow = where(greater(kept, 0), kept, mul(nceNormalizer(similarities), 1 / size));
  scope.setState("normalizer", perRow);
  return {
    loss: nce({ ...similarities, normalizer: mul(perRow, size) }),
    accuracy: mean(cast(greater(positives, max(negatives, [1])), "float32")),
  };
}

/**
 * The rows of a batch's pictures after the step, `[B, D]`: the share `momentum` of the old rows plus the rest
 * of the new embeddings, normalised to length 1.
 */
export function nextRows(own: Tensor, embeddings: Tensor, momentum: number): Tensor {
  return l2Normalize(add(mul(own, momentum), mul(stopGradient(embeddings), 1 - momentum)));
}
