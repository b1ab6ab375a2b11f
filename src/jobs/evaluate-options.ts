/** The options of evaluating. */
import * as z from "zod";
import { backgroundOption as background } from "../data/background-option.ts";
import { option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { OnProgress } from "../runs/progress.ts";
import type { EncoderInMemory } from "./given-encoder.ts";
import type { Pictures } from "./given-pictures.ts";
import { callback, pictures, runOrEncoder, threads } from "./option-kinds.ts";
import { allFiles, cacheDir, type PictureOptions, split, verify } from "./picture-options.ts";

/** The protocols that only look at features, and that are used by default. */
export const FEATURE_PROTOCOLS = ["knn", "linear", "retrieval", "clusters"] as const;
/** `semi` trains: with 1 %, 10 % and all of the labels, from the encoder and from scratch. */
export const PROTOCOLS = [...FEATURE_PROTOCOLS, "semi"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface EvaluateOptions extends PictureOptions {
  /**
   * A run folder or the folder of an imported encoder; or an encoder in memory, such as the one that
   * `pretrain` passes to `onEpoch`.
   */
  run: string | EncoderInMemory;
  /**
   * Labelled pictures: a folder whose first level are the classes, a list with labels, or an open data set.
   * If the set has parts, kNN and the linear probe learn from `train` and are tested on `val`, or on `test`
   * if `val` is missing or has no labels. `split` chooses the part for testing, or `all` to divide all
   * pictures by `testShare`.
   */
  data: Pictures;
  protocols?: readonly Protocol[];
  /** Neighbours that vote in kNN. Default 20. */
  k?: number;
  /** Temperature of the kNN vote. Default 0.07. */
  temperature?: number;
  /** Clusters of k-means. Default: the number of classes that have a picture. */
  clusters?: number;
  /**
   * Share of the pictures of each class held out for testing (kNN and linear). Default 0.2. If these are
   * fewer than 1,000 pictures, every picture is tested instead: leave-one-out in kNN, five stratified folds
   * in the linear probe.
   */
  testShare?: number;
  seed?: number;
  /** Default: the physical cores. */
  threads?: number;
  /** The background for transparency; by default as in the run. */
  background?: string;
  /** Stops a training of `semi`, which is then left out of the result. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** In the order of the help. */
export const evaluateOptions = schemaOf<EvaluateOptions>()({
  run: runOrEncoder(),
  data: pictures({
    description: "labelled pictures: a folder with a sub-folder for each class, or a list file",
    placeholder: "pictures",
  }),
  protocols: option(z.array(z.enum(PROTOCOLS)).min(1).readonly(), {
    description:
      "evaluations to run, separated by commas; semi trains with 1 %, 10 % and all labels, which takes a while",
    fallback: "all but semi",
    placeholder: "names",
    called: "protocol",
  }),
  k: option(z.int().min(1), { description: "neighbours that vote in kNN", fallback: "20" }),
  temperature: option(z.number().positive(), {
    description: "temperature of the kNN vote",
    fallback: "0.07",
  }),
  clusters: option(z.int().min(1), {
    description: "clusters of k-means",
    fallback: "the number of classes",
  }),
  testShare: option(z.number().positive().lt(1), {
    description: "share of each class held out for testing",
    fallback: "0.2, or cross-validation if that is fewer than 1,000 pictures",
  }),
  seed: option(z.int().min(0), { description: "seed of the split, the probe and k-means", fallback: "0" }),
  threads: threads(),
  split: split({
    description: `split to test on, if the pictures have splits; all: divide all pictures by ${optionName("testShare")}`,
    fallback: "val, or test if there is no val; train is for training",
  }),
  allFiles: allFiles(),
  background: background({ fallback: "as in the run" }),
  verify: verify(),
  cacheDir: cacheDir(),
  signal: option(z.instanceof(AbortSignal), {
    description: "stops a training of the protocol semi",
    expected: "an AbortSignal",
    shown: "never",
  }),
  onProgress: callback<OnProgress>("called with every part of the work and every note"),
});
