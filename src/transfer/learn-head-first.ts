/**
 * Trains only the classifier first, then the whole network. The classifier starts as the linear probe of the
 * encoder's features, to keep its first gradients from distorting them (Kumar et al. 2022, arXiv 2202.10054).
 */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { type ProbeTargets, probeLayer } from "../evaluate/probe-layer.ts";
import type { Matrix } from "../formats/matrix.ts";
import { classifierHead } from "../nn/classifier-head.ts";
import type { Trainer } from "../train/trainer.ts";
import { setBoth } from "./begin-from.ts";
import { predictLogits } from "./classifier.ts";
import { type Answers, inUnits, type LabelTask } from "./label-task.ts";
import { averagedValues, fineTuningSettingsOf, networkOfRun } from "./network-of-run.ts";

export interface HeadFirst {
  task: LabelTask;
  /** Of the pictures of `dataset`, in their order. */
  answers: Answers;
  dataset: PictureDataset;
  threads: number;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Sets the trainer's classifier to the linear probe of the initial features: those of the whole pictures, as
 * encoders see them, through the kept layers of the head.
 *
 * @returns whether it did so. A classifier of several layers starts at zero, and so does one without such
 * epochs.
 */
export async function learnHeadFirst(trainer: Trainer, options: HeadFirst): Promise<boolean> {
  const { headEpochs: epochs, headLayers } = fineTuningSettingsOf(trainer.config);
  if (epochs === 0 || headLayers > 1) return false;
  const { task, answers, threads } = options;
  const features = await belowTheClassifier(trainer, options);
  const { seed } = trainer.config;
  const layer = await probeLayer({ features, targets: targetsOf(task, answers), seed, epochs, threads });
  setBoth(trainer.values, "classifier.weight", layer.weight);
  setBoth(trainer.values, "classifier.bias", layer.bias);
  return true;
}

/** What the classifier sees of each picture. */
async function belowTheClassifier(trainer: Trainer, options: HeadFirst): Promise<Matrix> {
  const { dataset, threads, onProgress } = options;
  const { imageSize } = trainer.config;
  const settings = fineTuningSettingsOf(trainer.config);
  const { backbone } = networkOfRun(trainer.config);
  const { logits } = await predictLogits(dataset, {
    ...{ backbone, imageSize, threads, values: averagedValues(trainer.values) },
    head: (scope, features) => classifierHead(scope, features, { ...settings, headLayers: 0 }),
    ...(onProgress && { onProgress }),
  });
  return logits;
}

function targetsOf(task: LabelTask, answers: Answers): ProbeTargets {
  if (answers.kind === "classes")
    return { loss: "softmax", classes: task.names.length, labels: answers.classes };
  if (answers.kind === "several") return { loss: "sigmoid", rows: answers.rows };
  return { loss: "squared", rows: inUnits(answers.rows, task.scale) };
}
