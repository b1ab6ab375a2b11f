/** The options and the result of the distillation of labels. */
import * as z from "zod";
import { backboneOptions, type FreeBackboneOptions } from "../backbones/backbone-options.ts";
import { backgroundOption as background } from "../data/background-option.ts";
import { needed, option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { Choices } from "../runs/configure/configure.ts";
import type { EpochRecord, OnProgress } from "../runs/progress.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { BaselineComparison } from "../transfer/compare-baselines.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import type { PredictionScores } from "../transfer/prediction-scores.ts";
import type { Pictures } from "./given-pictures.ts";
import { callback, pictures, record, text, threads } from "./option-kinds.ts";
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

type Chosen =
  | "backbone"
  | "backboneOptions"
  | "imageSize"
  | "epochs"
  | "minutes"
  | "batchSize"
  | "microBatch"
  | "seed"
  | "settings"
  | "training";

export interface DistillOptions extends Omit<PictureOptions, "split">, Pick<Choices, Chosen> {
  /** The fine-tuned run: the teacher. */
  run: string;
  /**
   * Pictures such as the teacher knows. They need no labels. Of pictures with labels that the teacher knows,
   * a part is held out, on which student and teacher are tested.
   */
  pictures: Pictures;
  /** Backbone of the student. Default: the teacher's network, as a new one. */
  backbone?: string;
  /** Default: as the teacher's. */
  imageSize?: number;
  /** A run with whose encoder the student begins. Default: random weights. */
  from?: string;
  /** Run folder. Default `runs/<name of the pictures>-distilled`. */
  out?: string;
  /** Temperature of the outputs of teacher and student, above 0. Default 1. */
  temperature?: number;
  /** Weight 1 - α of the pictures' own labels in the loss, in [0, 1). Default 0: they are not learned. */
  labelWeight?: number;
  /**
   * With `labelWeight`: how many of the training pictures keep their labels: `1%`, `20-per-class`. Default:
   * all.
   */
  labels?: string;
  /**
   * The share of the labelled pictures held out if they have no split of their own, in (0, 1). Default: as
   * for the teacher.
   */
  validation?: number;
  /** As for `pretrain`. */
  resume?: boolean | "auto";
  force?: boolean;
  /** Default: the physical cores. */
  threads?: number;
  provider?: string;
  /** The background for transparency; by default as in the teacher's run. */
  background?: string;
  /** As for `pretrain`. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What the schema holds: options of a backbone of your own are held against its own. */
type TableOptions = Omit<DistillOptions, "backboneOptions"> & { backboneOptions?: FreeBackboneOptions };

/** In the order of the help. */
export const distillOptions = schemaOf<TableOptions>()({
  run: needed(text(), {
    description: "teacher: run folder made by afterimage finetune",
    placeholder: "run",
    shown: "word",
  }),
  pictures: pictures({
    description: "pictures such as the teacher knows; they need no labels",
    placeholder: "pictures",
    shown: "word",
  }),
  backbone: option(text(), {
    description: "network of the student, one of those that afterimage backbones lists",
    fallback: "as the teacher's",
    placeholder: "name",
  }),
  from: option(text(), {
    description: "run with whose encoder the student begins",
    fallback: "random weights",
    placeholder: "run",
  }),
  temperature: option(z.number().positive(), {
    description: "temperature of the outputs of teacher and student",
    fallback: "1",
  }),
  labelWeight: option(z.number().min(0).lt(1), {
    description: "weight of the pictures' own labels in the loss, beside the teacher's outputs",
    fallback: "0: labels are only used for testing",
    placeholder: "share",
  }),
  labels: option(text(), {
    description: `with ${optionName("labelWeight")}: labels to learn from, such as 10% or 20-per-class`,
    fallback: "all that are not held out",
    placeholder: "amount",
  }),
  validation: option(z.number().positive().lt(1), {
    description: "share of the labelled pictures that is held out, if they have no split of their own",
    fallback: "as for the teacher, 0.2",
  }),
  epochs: option(z.number().positive(), {
    description: "passes over the training pictures",
    fallback: "by their number: 200 for few, 10 for many",
  }),
  minutes: option(z.number().positive(), {
    description: "most time for the training; fewer epochs fit into it on a slow machine",
    fallback: "no limit",
  }),
  batchSize: batchSize(),
  training: training("by the kind of network, scaled to the batch size"),
  imageSize: option(z.int().min(1), {
    description: "height and width of the student's input, in pixels",
    fallback: "as the teacher's",
  }),
  seed: option(z.int().min(0), { description: "seed of the training", fallback: "0" }),
  out: out("runs/<pictures>-distilled"),
  resume: resume(),
  force: force(),
  backboneOptions: option(backboneOptions, {
    description: "options of the student's backbone",
    shown: "never",
    holds: backboneOptions.shape,
  }),
  microBatch: microBatch(),
  threads: threads(),
  provider: provider(),
  background: background({ fallback: "as in the teacher's run" }),
  allFiles: allFiles(),
  cacheDir: cacheDir(),
  verify: verify(),
  settings: record<Record<string, unknown>>({
    description: "settings of distillation; docs/distillation.md lists them",
    shown: "never",
    inFile: true,
  }),
  signal: signal(),
  onProgress: callback<OnProgress>("called with every step, epoch and note"),
});

export interface DistillResult {
  run: string;
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sessions. */
  seconds: number;
  epochs: EpochRecord[];
  task: LabelTask;
  /** Numbers of pictures by part; `labelled` are those that train and whose labels are learned. */
  pictures: { training: number; labelled: number; validation: number; test: number };
  /** The part that was tested; null when interrupted, or if no picture has a label. */
  testedOn: "test" | "validation" | null;
  scores: PredictionScores | null;
  /** The teacher on the same pictures, and the student compared with it; null as above. */
  teacher: BaselineComparison | null;
  /**
   * Of classes: the share of pictures for which student and teacher find the same class the most probable,
   * among the tested pictures, or among those that trained if none is tested. Null when interrupted.
   */
  agreement: number | null;
  /** Files; null when interrupted, or if there is nothing to show. */
  encoder: string | null;
  confusion: string | null;
  mistakes: string | null;
  skipped: number;
  notes: readonly string[];
}
