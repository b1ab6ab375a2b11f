import {
  cast,
  equal,
  gather,
  mean,
  mul,
  type Operand,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { bankRepulsion } from "./bank-repulsion.ts";
import { byTemperature } from "./by-temperature.ts";

export interface NonParametricSoftmaxInputs {
  /** v, `[B, D]`, of unit length. */
  embeddings: Tensor;
  /** The row of the bank that each embedding belongs to, int64 or int32 `[B]`. */
  indices: Tensor;
  /** One row for each of N pictures, `[N, D]`, of unit length. No gradient passes through it. */
  bank: Tensor;
  /** Divides the dot products; above 0. 0.07 in the paper. */
  temperature: Operand;
  /**
   * Number of embeddings compared with the bank at a time. By default as many as give 2 million similarities,
   * at least 16.
   */
  rowsAtOnce?: number;
}

export interface NonParametricSoftmaxResult {
  /** The value of {@link nonParametricSoftmax}. */
  loss: Tensor;
  /** The share of embeddings for which the nearest row of the bank is their own. */
  accuracy: Tensor;
}

/**
 * Instance discrimination by the full softmax over a bank, a scalar in nats: the mean over the batch of -log(
 * exp(v·bank_i/τ) / Σ_{j=1}^{N} exp(v·bank_j/τ) ), i the embedding's own row. A bank of equal rows gives ln
 * N.
 *
 * Source: InstDisc, arXiv 1805.01978, equations 2 and 3; `lib/LinearAverage.py` in the authors'
 * lemniscate.pytorch, followed by cross-entropy. The loss does not update the bank, so that it can be
 * evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when the inputs do not fit each other.
 */
export function nonParametricSoftmax(inputs: NonParametricSoftmaxInputs): Tensor {
  return nonParametricSoftmaxWithAccuracy(inputs).loss;
}

/** {@link nonParametricSoftmax} and its accuracy. Parts of the result that are not used cost nothing. */
export function nonParametricSoftmaxWithAccuracy(
  inputs: NonParametricSoftmaxInputs,
): NonParametricSoftmaxResult {
  const { embeddings, indices, bank, temperature, rowsAtOnce } = inputs;
  const [count, width] = embeddings.shape;
  const fits = embeddings.rank === 2 && bank.rank === 2 && bank.shape[1] === width;
  if (!fits || indices.rank !== 1 || indices.size !== count)
    throw shapeError("nonParametricSoftmax", "embeddings [B, D], indices [B], bank [N, D]", [
      embeddings,
      indices,
      bank,
    ]);
  const scaled = byTemperature(embeddings, temperature); // [B, D]
  const own = stopGradient(gather(bank, indices)); // [B, D]
  const { logSumExp, nearest } = bankRepulsion(scaled, bank, rowsAtOnce);
  return {
    loss: mean(sub(logSumExp, sum(mul(scaled, own), [1]))),
    accuracy: mean(cast(equal(nearest, cast(indices, "int64")), "float32")),
  };
}
