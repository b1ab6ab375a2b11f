/** What methods with a row for every picture share: the bank, telling a picture's row from the others', its next value. */
import { nce, nceNormalizer } from "../losses/nce.ts";
import { nonParametricSoftmaxWithAccuracy } from "../losses/non-parametric-softmax.ts";
import { uniform, zeros } from "../nn/initializers.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import type { Scope } from "../nn/scope.ts";
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
} from "../tensor/index.ts";
import type { Bank, MemoryInputs } from "./memory.ts";

export interface BankOptions {
  /** Rows drawn at every step for its pictures to be told from; 0, or as many as there are pictures and more, for all. */
  negatives: number;
  /** D. */
  width: number;
}

/**
 * A bank whose rows start at U(±√(3/D)), of length 1 in the mean of squares, and are not normalised: as in `NCEAverage` of
 * zhirongw/lemniscate.pytorch (`lib/NCEAverage.py`) and of HobbitLong/CMC (`NCE/NCEAverage.py`).
 */
export function memoryBank(name: string, { negatives, width }: BankOptions): Bank {
  const pool = negatives === 0 ? null : negatives;
  return { kind: "bank", name, width, pool, initial: uniform(Math.sqrt(3 / width)) };
}

export interface Discrimination {
  loss: Tensor;
  /** The share of embeddings that are nearer to their own row than to all others seen. */
  accuracy: Tensor;
}

/**
 * Tells the row of each picture from the others of a bank: by the softmax over all rows where all are seen, else by NCE.
 *
 * The rows that NCE sees are drawn with repetition once a step, for all its pictures, where the authors draw for each picture
 * by itself. A picture's negatives are as likely as theirs, so the expectation of the gradient is the same, and one product
 * `[B, D] · [D, K]` takes the place of gathering `[B, K, D]`.
 *
 * @param embeddings unit rows `[B, D]`.
 * @param scope where NCE keeps its constant, as `normalizer`: Z/N as estimated from the first batch (0 before it). Divided by
 *   N, it stays right when pictures are added.
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
 * The rows of a batch's pictures after the step, `[B, D]`: of what they were a share `momentum`, of the new embeddings the
 * rest, brought back to length 1.
 */
export function nextRows(own: Tensor, embeddings: Tensor, momentum: number): Tensor {
  return l2Normalize(add(mul(own, momentum), mul(stopGradient(embeddings), 1 - momentum)));
}
