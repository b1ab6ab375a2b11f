/**
 * Four ways to learn the next word. Scores are s(w, c) = h(c)·r_w + b_w: h the hidden layer of a context, r_w
 * and b_w the row of a word. Axes: B contexts, K noise words, V words, H the width of the hidden layer.
 */
import { infoNce } from "../losses/info-nce.ts";
import { nce } from "../losses/nce.ts";
import { softmaxCrossEntropy } from "../losses/softmax-cross-entropy.ts";
import { concat, full, gather, matmul, mul, neg, reshape, sub, sum, type Tensor } from "../tensor/index.ts";
import type { Noise } from "./noise.ts";
import { requireWhole } from "./require-whole.ts";

/** What a loss is made of. */
export interface WordBatch {
  /** `[B, H + 1]`: the hidden layers h, and a column of ones for the bias. */
  hidden: Tensor;
  /** `[R, H + 1]`: rows of words, the weights r and the bias b. All V words, or those of the step. */
  rows: Tensor;
  /** The target words: places among the rows, int32 `[B]`. */
  targets: Tensor;
  /** The noise words of the step, which all contexts share: places among the rows, int32 `[K]`. */
  noise: Tensor;
  /** log q of the target words, `[B]`. */
  targetLogQ: Tensor;
  /** log q of the noise words, `[K]`. */
  noiseLogQ: Tensor;
}

/** A way to learn the next word. */
export interface WordObjective {
  readonly name: string;
  /** The distribution that its formula takes off the scores; null for the full softmax. */
  readonly noise: Noise | null;
  /** K, the noise words that are drawn for a step. */
  readonly draws: number;
  /**
   * By word: what the scores lack of log p(w | c) where the loss is least. Zeros for a model whose scores are
   * log-probabilities, with or without a constant of the context.
   */
  readonly missing: Float64Array | null;
  /** A scalar in nats. */
  loss(batch: WordBatch): Tensor;
}

export interface NoiseOptions {
  noise: Noise;
  /** K, noise words of a step: 1 or more. */
  draws: number;
}

/**
 * The full softmax: -log( exp(s(w, c)) / Σ_v exp(s(v, c)) ), maximum likelihood. Bengio et al. 2003, JMLR 3,
 * equation 1. A step scores all V words and gives all of their rows a gradient.
 */
export function fullSoftmax(): WordObjective {
  return {
    name: "softmax",
    noise: null,
    draws: 0,
    missing: null,
    loss: ({ hidden, rows, targets }) =>
      softmaxCrossEntropy(matmul(hidden, rows, { transposeB: true }), targets),
  };
}

/**
 * Noise-contrastive estimation with the partition function held at 1: p(w | c) = exp(s(w, c)) as it stands,
 * and a logistic regression tells the target from K noise words by log p - log(K·q). Gutmann and Hyvärinen
 * 2010; Mnih and Teh 2012 (arXiv 1206.6426), section 3. The contexts of a batch share their noise, so that
 * scores are one matrix product.
 *
 * @throws AfterimageError `usage/value` for fewer than one noise word.
 */
export function nceOfWords({ noise, draws }: NoiseOptions): WordObjective {
  requireWhole("draws", draws, 1);
  const logK = Math.log(draws);
  return {
    name: "nce",
    noise,
    draws,
    missing: null,
    loss(batch) {
      const { positives, negatives } = scoresOf(batch);
      return discriminate({
        positives: sub(sub(positives, batch.targetLogQ), logK),
        negatives: sub(sub(negatives, reshape(batch.noiseLogQ, [1, draws])), logK),
      });
    },
  };
}

/**
 * Negative sampling: -log σ(s(w, c)) - Σ_k log σ(-s(w_k, c)). Mikolov et al. 2013 (arXiv 1310.4546), equation
 * 4, for one set of noise words. It is noise-contrastive estimation that takes K·q(w) for 1. Where its loss
 * is least, s(w, c) = log p(w | c) - log(K·q(w)): the scores say how much more likely a word is than under
 * the noise, and exp(s) is no density of words. Log(K·q(w)) is what they lack.
 *
 * @throws AfterimageError `usage/value` for fewer than one noise word.
 */
export function negativeSampling({ noise, draws }: NoiseOptions): WordObjective {
  requireWhole("draws", draws, 1);
  return {
    name: "negative-sampling",
    noise,
    draws,
    missing: noise.logProbabilities.map((logQ) => logQ + Math.log(draws)),
    loss: (batch) => discriminate(scoresOf(batch)),
  };
}

/**
 * InfoNCE within the batch: every target is a negative of the other contexts. They come with the frequency of
 * words in the text, and log q takes it off: -log( exp(s(w_i, c_i) - log q(w_i)) / Σ_j exp(s(w_j, c_i) - log
 * q(w_j)) ). So the sum over the batch stands for the softmax's: each word counts 1/q for the share q of the
 * batch that it has. Bengio and Senécal 2008, section IV; without the correction the scores would learn log p
 * - log q.
 *
 * @param unigram the distribution of the targets: `unigramNoise(counts, 1)`.
 */
export function inBatchInfoNce(unigram: Noise): WordObjective {
  return {
    name: "info-nce",
    noise: unigram,
    draws: 0,
    missing: null,
    loss({ hidden, rows, targets, targetLogQ }) {
      const count = targets.size;
      // One more column makes log q a part of the dot product: [h, 1, 1] · [r, b, -log q].
      const queries = concat([hidden, full([count, 1], 1)], 1); // [B, H + 2]
      // [B, H + 2]
      const candidates = concat([gather(rows, targets), neg(reshape(targetLogQ, [count, 1]))], 1);
      return infoNce(queries, candidates, { temperature: 1, normalize: false });
    },
  };
}

/** The scores of the targets, `[B]`, and of the noise words in every context, `[B, K]`. */
function scoresOf({ hidden, rows, targets, noise }: WordBatch): { positives: Tensor; negatives: Tensor } {
  return {
    positives: sum(mul(hidden, gather(rows, targets)), [1]),
    negatives: matmul(hidden, gather(rows, noise), { transposeB: true }),
  };
}

/**
 * -log σ(positive) - Σ_k log σ(-negative_k), the mean over the batch. The loss of pictures, with a bank of K
 * rows and Z = 1, subtracts log(K·1/K) = 0 from its scores.
 */
function discriminate({ positives, negatives }: { positives: Tensor; negatives: Tensor }): Tensor {
  const bankSize = negatives.shape[1]!;
  return nce({ positives, negatives, temperature: 1, bankSize, normalizer: 1 });
}
