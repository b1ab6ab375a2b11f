/** The options and the result of fine-tuning. */
import * as z from "zod";
import { backgroundOption as background } from "../data/background-option.ts";
import { option } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { Choices } from "../runs/configure/configure.ts";
import type { EpochRecord, OnProgress } from "../runs/progress.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { BaselineComparison } from "../transfer/compare-baselines.ts";
import type { LabelTask, TaskKind } from "../transfer/label-task.ts";
import type { PredictionScores } from "../transfer/prediction-scores.ts";
import type { EncoderInMemory } from "./given-encoder.ts";
import type { Pictures } from "./given-pictures.ts";
import { callback, pictures, record, runOrEncoder, text, threads } from "./option-kinds.ts";
import { allFiles, cacheDir, type PictureOptions, verify } from "./picture-options.ts";
import {
  batchSize,
  force,
  microBatch,
  out,
  provider,
  resume,
  signal,
  training,
} from "./training-option-kinds.ts";

/** How unequal numbers of pictures in the classes are made up for. */
export const BALANCES = ["none", "weights", "drawing"] as const;
export type Balance = (typeof BALANCES)[number];

export interface FinetuneOptions
  extends Omit<PictureOptions, "split">,
    Pick<Choices, "epochs" | "minutes" | "batchSize" | "microBatch" | "seed" | "settings" | "training"> {
  /** The pre-trained run, or an encoder in memory. */
  run: string | EncoderInMemory;
  /**
   * Labelled pictures: a folder with a sub-folder for each class (or `train/`, `val/` and `test/` above
   * them), a list or CSV with labels, or an open data set.
   */
  pictures: Pictures;
  /** Run folder. Default `runs/<name of the pictures>-fine-tuned`. */
  out?: string;
  /** What the labels are. Default: recognised from them. */
  task?: TaskKind;
  /** How many of the training pictures keep their labels: `1%`, `10%`, `20-per-class`. Default: all. */
  labels?: string;
  /**
   * The share of pictures held out for validation if they have no split of their own, in (0, 1). Default 0.2.
   */
  validation?: number;
  /** Layers of the encoder that stand still, from the first one, or `all`. Default 0. */
  freeze?: number | "all";
  /**
   * Layers of the projection head to keep between encoder and classifier, as in SimCLR v2. Default: the run's
   * setting `fineTuneLayer`, otherwise 0.
   */
  fromHeadLayer?: number;
  /** `weights` in the loss, or `drawing` pictures of rare classes more often. Default `none`. */
  balance?: Balance;
  /**
   * Ends after so many measurements in a row without improvement, with the best weights. Default: no early
   * end.
   */
  patience?: number;
  /** The number of trainings with seeds one after another, for a mean and a spread. Default 1. */
  seeds?: number;
  /** Whether to compare with a linear probe, kNN, and the same network from scratch. Default true. */
  baselines?: boolean;
  /** As for `pretrain`. */
  resume?: boolean | "auto";
  force?: boolean;
  /** Default: the physical cores. */
  threads?: number;
  provider?: string;
  /** The background for transparency; by default as in the run. */
  background?: string;
  /** As for `pretrain`. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** In the order of the help. */
export const finetuneOptions = schemaOf<FinetuneOptions>()({
  run: runOrEncoder(),
  pictures: pictures({
    description: "labelled pictures: a folder with a sub-folder for each class, or a list or CSV with labels",
    placeholder: "pictures",
    shown: "word",
  }),
  labels: option(text(), {
    description: "labels to learn from: a share, such as 1% or 10%, or a number, such as 20-per-class",
    fallback: "all that are not held out",
    placeholder: "amount",
  }),
  task: option(z.enum(["classes", "several", "numbers"]), {
    description: "kind of the labels: one class, several labels separated by |, or numbers",
    fallback: "recognised from the labels",
    placeholder: "kind",
  }),
  validation: option(z.number().positive().lt(1), {
    description: "share of the pictures that is held out for testing, if they have no split of their own",
    fallback: "0.2",
  }),
  epochs: option(z.number().positive(), {
    description: "passes over the training pictures",
    fallback: "by their number: 100 for few, 5 for many",
  }),
  minutes: option(z.number().positive(), {
    description: "most time for the training; fewer epochs fit into it on a slow machine",
    fallback: "no limit",
  }),
  freeze: option(z.union([z.int().min(0), z.literal("all")]), {
    description:
      "layers of the encoder that stand still, from the first one; all: only the classifier learns",
    fallback: "0",
    placeholder: "layers",
    expected: "a whole number, 0 or more, or all",
  }),
  fromHeadLayer: option(z.int().min(0), {
    description: "layers of the projection head that stay below the classifier (SimCLR, SimCLR v2)",
    fallback: "as the run's setting fineTuneLayer, otherwise 0",
    placeholder: "layers",
  }),
  balance: option(z.enum(BALANCES), {
    description: "for classes of unequal size: weights in the loss, or drawing rare classes more often",
    fallback: "none",
    placeholder: "way",
  }),
  patience: option(z.int().min(1), {
    description: "end after so many measurements without a better score, and use the best weights",
    fallback: "train to the end",
    placeholder: "measurements",
  }),
  seeds: option(z.int().min(1).max(100), {
    description: "trainings with one seed after another, for a mean and a spread",
    fallback: "1",
  }),
  baselines: option(z.boolean(), {
    description: "compare with a linear probe, kNN, and the same network from scratch",
    fallback: "compare",
    off: "do not compare with a linear probe, kNN, and the same network from scratch",
  }),
  batchSize: batchSize(),
  training: training("by the kind of network, scaled to the batch size"),
  seed: option(z.int().min(0), {
    description: "seed of the held-out pictures, the drawn labels and the training",
    fallback: "0",
  }),
  out: out("runs/<pictures>-fine-tuned"),
  resume: resume(),
  force: force(),
  microBatch: microBatch(),
  threads: threads(),
  provider: provider(),
  background: background({ fallback: "as in the run" }),
  allFiles: allFiles(),
  cacheDir: cacheDir(),
  verify: verify(),
  settings: record<Record<string, unknown>>({
    description: "settings of fine-tuning; afterimage methods fine-tuning lists them",
    shown: "never",
    inFile: true,
  }),
  signal: signal(),
  onProgress: callback<OnProgress>("called with every step, epoch and note"),
});

/** A measured number of several trainings. */
export interface Spread {
  mean: number;
  /** The deviation between trainings, of a sample. */
  deviation: number;
}

export interface FinetuneResult {
  run: string;
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sessions, without the baselines. */
  seconds: number;
  epochs: EpochRecord[];
  task: LabelTask;
  /** Numbers of pictures by part. */
  pictures: { training: number; validation: number; test: number };
  /** The pictures of each class or label that train, in the order of `task.names`; null for numbers. */
  labelCounts: readonly number[] | null;
  /** The part that was tested; null when interrupted. */
  testedOn: "test" | "validation" | null;
  scores: PredictionScores | null;
  /** The main score of each seed, in their order. */
  seeds: readonly number[];
  /** Of several seeds. */
  spread: Spread | null;
  baselines: readonly BaselineComparison[];
  /** Files; null when interrupted, or if there is nothing to show. */
  encoder: string | null;
  confusion: string | null;
  mistakes: string | null;
  skipped: number;
  notes: readonly string[];
}
