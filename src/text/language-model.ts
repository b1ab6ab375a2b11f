/** What every n-gram model can say, and what follows from it by the chain rule. */
import { AfterimageError } from "../errors.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Conditional probabilities of words, each given at most the n - 1 words before it. */
export interface LanguageModel {
  readonly vocabulary: Vocabulary;
  /** n, the words of a context and the one that is predicted. */
  readonly order: number;
  /** Whether sentences have marks; see `CountOptions`. */
  readonly marks: boolean;
  /**
   * p(word | context), in [0, 1].
   *
   * @param context numbers of the words before, in their order; all but the last n - 1 are left out. A word
   * that was never seen in this place is a context that was not seen.
   * @param word 0 … V - 1.
   */
  probability(context: ArrayLike<number>, word: number): number;
  /** p(· | context) of all V words; they add up to 1. */
  distribution(context: ArrayLike<number>): Float64Array;
}

/** How well a model predicts a text. */
export interface Prediction {
  /** Σ log p, in nats. */
  logProbability: number;
  /** How many words were predicted, ends of sentences among them. */
  words: number;
  /** How many of them were not in the vocabulary, and so predicted as the unknown word. */
  unknown: number;
  /** exp(-logProbability / words), 1 or more. */
  perplexity: number;
}

/**
 * The words of a sentence with the context of each, marks included where the model has them: `tokens` from
 * `first` on are predicted, each from the n - 1 before it.
 */
export function predictedTokens(
  sentence: readonly string[],
  { vocabulary, marks }: Pick<LanguageModel, "vocabulary" | "marks">,
): { tokens: Int32Array; first: number } {
  const numbers = vocabulary.encode(sentence);
  if (!marks) return { tokens: numbers, first: 0 };
  return { tokens: Int32Array.of(vocabulary.start, ...numbers, vocabulary.end), first: 1 };
}

/** log p of a sentence, in nats: Σ_t log p(w_t | w_{t-n+1} … w_{t-1}), the chain rule. */
export function logProbability(model: LanguageModel, sentence: readonly string[]): number {
  const { tokens, first } = predictedTokens(sentence, model);
  let sum = 0;
  for (let at = first; at < tokens.length; at++)
    sum += Math.log(model.probability(contextAt(tokens, at, model.order), tokens[at]!));
  return sum;
}

/** The at most n - 1 words before a place. */
export function contextAt(tokens: Int32Array, at: number, order: number): Int32Array {
  return tokens.subarray(Math.max(0, at - order + 1), at);
}

/**
 * The perplexity of sentences: exp of the mean of -log p over their words.
 *
 * @throws AfterimageError `data/empty` for a text without words.
 */
export function perplexity(model: LanguageModel, sentences: Iterable<readonly string[]>): Prediction {
  let [sum, words, unknown] = [0, 0, 0];
  for (const sentence of sentences) {
    sum += logProbability(model, sentence);
    words += sentence.length + (model.marks ? 1 : 0);
    unknown += sentence.filter((word) => !model.vocabulary.has(word)).length;
  }
  if (words === 0)
    throw new AfterimageError("data/empty", { what: "a text without words has no perplexity" });
  return { logProbability: sum, words, unknown, perplexity: Math.exp(-sum / words) };
}
