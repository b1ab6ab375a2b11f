/** The models of the comparison: two that count, and the network's four objectives, one with two noises. */
import {
  fullSoftmax,
  inBatchInfoNce,
  kneserNey,
  type LanguageModel,
  logUniformNoise,
  modifiedKneserNey,
  type NgramCounts,
  nceOfWords,
  negativeSampling,
  unigramNoise,
  type WordObjective,
} from "afterimage/text";

export type Way = {
  name: string;
  /** In tables and the plot. */
  title: string;
} & (
  | { estimate: (counts: NgramCounts) => LanguageModel }
  | { objective: (counts: Float64Array) => WordObjective }
);

/** n of all models, and the network's settings: the same for every objective. */
export const SETTINGS = {
  order: 4,
  width: 64,
  hidden: 64,
  batchSize: 512,
  /** K, noise words of a step. */
  draws: 512,
  epochs: 1,
  /** Of AdamW, falling in a straight line to a twentieth of it. */
  learningRate: 0.01,
} as const;

const { draws } = SETTINGS;

/** In the order in which they are run and told. */
export const WAYS: readonly Way[] = [
  { name: "kneser-ney", title: "Kneser–Ney", estimate: (counts) => kneserNey(counts) },
  {
    name: "modified-kneser-ney",
    title: "modified Kneser–Ney",
    estimate: (counts) => modifiedKneserNey(counts),
  },
  { name: "nce", title: "NCE", objective: (counts) => nceOfWords({ noise: unigramNoise(counts), draws }) },
  { name: "softmax", title: "full softmax", objective: () => fullSoftmax() },
  { name: "info-nce", title: "InfoNCE", objective: (counts) => inBatchInfoNce(unigramNoise(counts, 1)) },
  {
    name: "negative-sampling",
    title: "negative sampling",
    objective: (counts) => negativeSampling({ noise: unigramNoise(counts), draws }),
  },
  {
    name: "nce-log-uniform",
    title: "NCE, log-uniform",
    objective: (counts) => nceOfWords({ noise: logUniformNoise(counts), draws }),
  },
];
