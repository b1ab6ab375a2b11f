/**
 * Runs that learned from labels, built by hand: a random encoder, with the linear probe of its features as
 * head.
 */
import { createBackbone } from "../../src/backbones/index.ts";
import type { PictureDataset } from "../../src/data/picture-dataset.ts";
import { type ProbeTargets, probeLayer } from "../../src/evaluate/probe-layer.ts";
import { writeFamiliar } from "../../src/jobs/results/familiar-file.ts";
import { writeResult } from "../../src/jobs/results/result-file.ts";
import { fineTuning } from "../../src/methods/fine-tuning.ts";
import type { Method } from "../../src/objectives/method.ts";
import { configureFor } from "../../src/runs/configure/configure.ts";
import { extractFeatures } from "../../src/train/encoder.ts";
import { PICTURES, writeCheckpoint } from "../../src/train/node/checkpoint.ts";
import { runPaths, writeRunConfig } from "../../src/train/node/run-folder.ts";
import type { RunConfig } from "../../src/train/run-config.ts";
import { initialEncoderValues, type Values } from "../../src/train/values.ts";
import { predictLogits } from "../../src/transfer/classifier.ts";
import { learnFamiliar } from "../../src/transfer/find-unlike.ts";
import { fitTaskTemperature } from "../../src/transfer/fit-task-temperature.ts";
import { judgePredictions } from "../../src/transfer/judge-predictions.ts";
import { type Answers, inUnits, type LabelTask } from "../../src/transfer/label-task.ts";
import { networkOfRun } from "../../src/transfer/network-of-run.ts";
import { TINY } from "./tiny-run.ts";

export interface TinyClassifier {
  task: LabelTask;
  answers: Answers;
  pictures: PictureDataset;
  /** The steps that its checkpoint says. */
  step?: number;
}

/** Writes a whole run folder, with a result of the training pictures themselves. */
export async function writeTinyClassifier(folder: string, tiny: TinyClassifier): Promise<RunConfig> {
  const { task, answers, pictures, step = 6 } = tiny;
  const config = tinyConfig(tiny);
  const network = { ...networkOfRun(config), imageSize: config.imageSize, threads: 1 };
  const values = await tinyValues(config, tiny);
  await writeRunConfig(folder, config);
  const kept = [...values].map(([path, data]) => [`teacher.${path}`, data] as const);
  await writeCheckpoint(runPaths(folder).checkpoints, step, new Map(kept), new Map(), {
    [PICTURES]: config.data.fingerprint,
  });
  const { logits, features } = await predictLogits(pictures, { ...network, values });
  const temperature = fitTaskTemperature(task, logits, answers);
  const { scores } = judgePredictions(task, logits, answers, temperature);
  await writeResult(folder, { step, task, testedOn: "validation", temperature, scores, baselines: [] });
  await writeFamiliar(folder, step, (await learnFamiliar(features, { seed: 0, threads: 1 }))!);
  return config;
}

function tinyConfig({ task, pictures }: TinyClassifier): RunConfig {
  const { imageSize, canvas, seed } = TINY;
  const backbone = createBackbone("resnet18", { imageSize, widthMultiplier: 1 / 8 });
  const settings = { task: task.kind, outputs: task.names.length, source: null, keptHead: null };
  const data = { path: "(in memory)", fingerprint: pictures.fingerprint, pictures: pictures.size };
  const choices = { imageSize, canvas, seed, epochs: 2, batchSize: 8, settings };
  const config = configureFor(backbone, choices, data, fineTuning as unknown as Method);
  const { names, scale } = task;
  const known = scale && { scale: { mean: [...scale.mean], deviation: [...scale.deviation] } };
  const counts = { training: pictures.size, validation: 0, test: 0 };
  return { ...config, labels: { names: [...names], ...known, pictures: counts } };
}

async function tinyValues(config: RunConfig, { task, answers, pictures }: TinyClassifier): Promise<Values> {
  const { backbone } = networkOfRun(config);
  const encoder = initialEncoderValues(backbone, config);
  const own = { backbone, values: encoder, imageSize: config.imageSize, threads: 1 };
  const features = await extractFeatures(pictures, own);
  const layer = await probeLayer({ features, targets: targetsOf(task, answers), seed: 0, threads: 1 });
  return new Map([
    ...[...encoder].map(([path, data]) => [`backbone.${path}`, data] as const),
    ["classifier.weight", layer.weight],
    ["classifier.bias", layer.bias],
  ]);
}

function targetsOf(task: LabelTask, answers: Answers): ProbeTargets {
  if (answers.kind === "classes")
    return { loss: "softmax", classes: task.names.length, labels: answers.classes };
  if (answers.kind === "several") return { loss: "sigmoid", rows: answers.rows };
  return { loss: "squared", rows: inUnits(answers.rows, task.scale) };
}
