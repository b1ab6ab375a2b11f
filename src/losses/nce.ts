import {
  add,
  concat,
  exp,
  log,
  mean,
  mul,
  type Operand,
  reshape,
  sizeOfAxis,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";

/** Axes: B embeddings; K rows of the bank, drawn at random for each. */
export interface NceSimilarities {
  /** Dot products of embeddings with their own rows of the bank, `[B]`, in [-1, 1] for unit vectors. */
  positives: Tensor;
  /** Dot products of embeddings with rows of the bank that were drawn uniformly, `[B, K]`. */
  negatives: Tensor;
  /** Divides the dot products; above 0. 0.07 in the papers. */
  temperature: Operand;
  /** N, the rows of the bank: each is drawn with the probability 1/N. */
  bankSize: number;
}

export interface NceInputs extends NceSimilarities {
  /**
   * Z, above 0: the constant that stands for Σ_j exp(v·bank_j/τ); see {@link nceNormalizer}. No gradient
   * passes through it.
   */
  normalizer: Operand;
}

/**
 * Noise-contrastive estimation of the softmax over a bank, a scalar in nats: the mean over the batch of -log
 * h(positive) - Σ_k log(1 - h(negative_k)). Here P = exp(s/τ)/Z, and h = P / (P + K/N) is the probability
 * that a row is no noise. If P is 1/N throughout, the value is ln(K + 1) + K·ln(1 + 1/K).
 *
 * Source: InstDisc, arXiv 1805.01978, equations 6 and 7; `lib/NCECriterion.py` in the authors'
 * lemniscate.pytorch. CMC (arXiv 1906.05849, equation 12; `NCE/NCECriterion.py` in the authors' CMC) has the
 * same loss twice: each view's embeddings against the other view's bank, each with its own Z. Both add 1e-7
 * to denominators, which is not needed here because logarithms are used.
 *
 * @throws AfterimageError `tensor/shape` when there is not one positive and one row of negatives for each
 * embedding.
 */
export function nce(inputs: NceInputs): Tensor {
  const { positives, negatives, temperature, bankSize, normalizer } = inputs;
  requireSimilarities(inputs);
  const noise = Math.log(sizeOfAxis(negatives, 1, "nce") / bankSize);
  const shift = typeof normalizer === "number" ? Math.log(normalizer) : log(stopGradient(normalizer));
  // log(P / (K/N)): h is its sigmoid.
  const logOdds = (similarities: Tensor) => sub(byTemperature(similarities, temperature), add(shift, noise));
  const missed = softplus(sub(0, logOdds(positives))); // [B]
  const mistaken = sum(softplus(logOdds(negatives)), [1]); // [B]
  return mean(add(missed, mistaken));
}

/**
 * The estimate of Z from one batch, a scalar: N times the mean of exp(s/τ) over positives and negatives. The
 * authors keep the estimate of the first batch. It gets no gradient, and is infinite in float32 for τ below
 * about 0.012.
 *
 * Source: InstDisc, arXiv 1805.01978, equation 8; `lib/NCEAverage.py` in the authors' lemniscate.pytorch,
 * which includes the positives, as CMC's does.
 *
 * @throws AfterimageError `tensor/shape` as {@link nce}.
 */
export function nceNormalizer(similarities: NceSimilarities): Tensor {
  requireSimilarities(similarities);
  const { positives, negatives, temperature, bankSize } = similarities;
  const all = concat([reshape(positives, [positives.size, 1]), negatives], 1); // [B, 1 + K]
  return stopGradient(mul(mean(mean(exp(byTemperature(all, temperature)), [1])), bankSize));
}

function requireSimilarities({ positives, negatives }: NceSimilarities): void {
  if (positives.rank !== 1 || negatives.rank !== 2 || negatives.shape[0] !== positives.size)
    throw shapeError("nce", "similarities of positives [B] and of negatives [B, K]", [positives, negatives]);
}
