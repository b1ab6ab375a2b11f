/** The configuration of a fine-tuning: from options, the pre-trained network and the labels. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { fineTuning } from "../../methods/fine-tuning.ts";
import type { FineTuningSettings } from "../../methods/recipes/fine-tuning.ts";
import type { Method } from "../../objectives/method.ts";
import { configureFor } from "../../runs/configure/configure.ts";
import type { LabelsConfig, RunConfig } from "../../train/run-config.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { nameOf } from "../given-pictures.ts";
import type { Source } from "./open-source.ts";

export interface Labelled {
  task: LabelTask;
  /** The pictures that train; their number decides on the epochs. */
  training: PictureDataset;
  /** How many of them have each class or label; null for numbers. */
  counts: readonly number[] | null;
  facts: Pick<LabelsConfig, "pictures">;
}

/** The epochs for a number of pictures: 20 for 4,000, more for fewer pictures, and fewer for more. */
export function epochsFor(pictures: number): number {
  return Math.min(100, Math.max(5, Math.round(20 * Math.sqrt(4000 / pictures))));
}

/** @throws AfterimageError as {@link configureFor} does. */
export function configureFinetune(
  options: FinetuneOptions,
  { backbone, encoder, ...source }: Source,
  { task, training, counts, facts }: Labelled,
): RunConfig {
  const { epochs = epochsFor(training.size), batchSize, microBatch, seed = 0 } = options;
  const { imageSize, background } = encoder;
  const canvas = training.canvas;
  const given = { ...options.settings, ...settingsOf(options, source, { task, counts, training }) };
  const choices = {
    ...{ epochs, imageSize, canvas, seed, settings: given, training: options.training ?? {} },
    ...(batchSize !== undefined && { batchSize }),
    ...(microBatch !== undefined && { microBatch }),
  };
  const data = { path: nameOf(options.pictures), fingerprint: training.fingerprint, pictures: training.size };
  const config = configureFor(backbone, choices, data, fineTuning as unknown as Method);
  return { ...config, background, labels: labelsOf(options, { ...source, encoder }, { task, facts }) };
}

/** What follows from options and labels; `settings` may override the others of the recipe. */
function settingsOf(
  { freeze, balance = "none" }: FinetuneOptions,
  { source, keptHead }: Pick<Source, "source" | "keptHead">,
  { task, counts, training }: Pick<Labelled, "task" | "counts" | "training">,
): Partial<FineTuningSettings> {
  const weights = balance === "weights" && counts !== null ? weightsOf(task, counts, training.size) : null;
  return {
    ...{ task: task.kind, outputs: task.names.length, source, keptHead },
    ...(freeze !== undefined && { freeze }),
    ...(weights !== null && { classWeights: weights }),
  };
}

/**
 * For a class with n of N pictures, in C classes that have pictures: N / (C · n), with mean 1 over the
 * pictures. For a label: the number of pictures without it for each picture with it.
 */
export function weightsOf({ kind }: LabelTask, counts: readonly number[], pictures: number): number[] {
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => {
    if (count === 0) return 1;
    return kind === "classes" ? pictures / (present * count) : Math.max(1, pictures - count) / count;
  });
}

function labelsOf(
  { labels: amount, validation, run }: FinetuneOptions,
  { encoder, weights }: Pick<Source, "encoder" | "weights">,
  { task: { names, scale }, facts }: Pick<Labelled, "task" | "facts">,
): LabelsConfig {
  return {
    names: [...names],
    ...(scale && { scale: { mean: [...scale.mean], deviation: [...scale.deviation] } }),
    ...(amount !== undefined && { amount }),
    ...facts,
    ...(validation !== undefined && { validation }),
    from: { run: typeof run === "string" ? run : encoder.name, step: encoder.step, weights },
  };
}
