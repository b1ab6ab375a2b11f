/** Language models of n-grams: counted and smoothed, and neural, trained by four objectives. */
export { absoluteDiscounting, type DiscountingOptions } from "./absolute-discounting.ts";
export { addK } from "./add-k.ts";
export { BackoffModel, type BackoffParts } from "./backoff-model.ts";
export { type DecodedText, decodeText } from "./decode-text.ts";
export type { LowestOrder } from "./discounted.ts";
export { type GenerateOptions, generate } from "./generate.ts";
export { kneserNey, modifiedKneserNey } from "./kneser-ney.ts";
export { type LanguageModel, logProbability, type Prediction, perplexity } from "./language-model.ts";
export { maximumLikelihood } from "./maximum-likelihood.ts";
export { NeuralNgram, type NeuralNgramOptions } from "./neural-ngram.ts";
export { type CountOptions, NgramCounts } from "./ngram-counts.ts";
export { NgramLevel } from "./ngram-level.ts";
export { logUniformNoise, type Noise, unigramNoise } from "./noise.ts";
export { readArpa } from "./read-arpa.ts";
export { type ScoreOptions, scoreWindows, type WindowScores } from "./score-windows.ts";
export { SparseRows, type SparseRowsOptions } from "./sparse-rows.ts";
export { charactersOf, sentencesOf, type TokenOptions, wordsOf } from "./tokenise.ts";
export {
  SENTENCE_END,
  SENTENCE_START,
  UNKNOWN,
  Vocabulary,
  type VocabularyOptions,
} from "./vocabulary.ts";
export { Windows } from "./windows.ts";
export {
  fullSoftmax,
  inBatchInfoNce,
  type NoiseOptions,
  nceOfWords,
  negativeSampling,
  type WordBatch,
  type WordObjective,
} from "./word-objectives.ts";
export { arpaLines, writeArpa } from "./write-arpa.ts";
