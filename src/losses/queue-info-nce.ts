import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  cast,
  greater,
  mean,
  mul,
  type Operand,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { bankRepulsion } from "./bank-repulsion.ts";
import { byTemperature } from "./by-temperature.ts";

export interface QueueInfoNceInputs {
  /** `[B, D]`; normalised here. */
  queries: Tensor;
  /** `[B, D]`, the positive of each query; normalised here. No gradient passes through them. */
  keys: Tensor;
  /**
   * `[K, D]`, earlier keys, the negatives of every query; of unit length already. No gradient passes through
   * them.
   */
  queue: Tensor;
  /** Divides the cosines; above 0. MoCo: 0.07, MoCo v2: 0.2. */
  temperature: Operand;
  /**
   * Number of queries compared with the queue at a time. By default as many as give 2 million similarities.
   */
  rowsAtOnce?: number;
}

export interface QueueInfoNceResult {
  /** The value of {@link queueInfoNce}. */
  loss: Tensor;
  /** The share of queries that are nearer to their key than to every row of the queue. */
  accuracy: Tensor;
}

/**
 * InfoNCE with a queue of negatives, a scalar in nats: the mean over queries i of -log( exp(q_i·k_i/τ) /
 * (exp(q_i·k_i/τ) + Σ_n exp(q_i·queue_n/τ)) ). Rows that are all equal give ln(K + 1).
 *
 * Source: MoCo, arXiv 1911.05722, equation 1 and algorithm 1; `forward` in the authors' `moco/builder.py`.
 * The loss does not update the queue, so that it can be evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when the rows do not fit each other.
 */
export function queueInfoNce(inputs: QueueInfoNceInputs): Tensor {
  return queueInfoNceWithAccuracy(inputs).loss;
}

/** {@link queueInfoNce} and the contrastive accuracy. Parts of the result that are not used cost nothing. */
export function queueInfoNceWithAccuracy(inputs: QueueInfoNceInputs): QueueInfoNceResult {
  const { queries, keys, queue, temperature, rowsAtOnce } = inputs;
  if (
    queries.rank !== 2 ||
    !sameShape(queries.shape, keys.shape) ||
    queue.rank !== 2 ||
    !sameWidth(queries, queue)
  )
    throw shapeError("queueInfoNce", "queries and keys [B, D], queue [K, D]", [queries, keys, queue]);
  const q = byTemperature(l2Normalize(queries), temperature); // [B, D]
  const positive = sum(mul(q, stopGradient(l2Normalize(keys))), [1]); // [B]
  const negatives = bankRepulsion(q, queue, rowsAtOnce);
  return {
    // -log(eᵖ / (eᵖ + Σ eⁿ)) = log(1 + exp(log Σ eⁿ - p))
    loss: mean(softplus(sub(negatives.logSumExp, positive))),
    accuracy: mean(cast(greater(positive, negatives.largest), "float32")),
  };
}

const sameWidth = (a: Tensor, b: Tensor) => a.shape[1] === b.shape[1];
