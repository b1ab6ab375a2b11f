/** Fine-tunings small enough for a test: 24 pictures with labels of each kind, and networks for them. */
import type { Backbone } from "../../src/backbones/backbone.ts";
import { createBackbone, restoreBackbone } from "../../src/backbones/index.ts";
import { batches } from "../../src/data/loader.ts";
import type { PictureDataset } from "../../src/data/picture-dataset.ts";
import { withTargets } from "../../src/data/with-targets.ts";
import { fineTuning } from "../../src/methods/fine-tuning.ts";
import type { FineTuningSettings } from "../../src/methods/recipes/fine-tuning.ts";
import type { Method } from "../../src/objectives/method.ts";
import { type Choices, configureFor } from "../../src/runs/configure/configure.ts";
import type { RunConfig } from "../../src/train/run-config.ts";
import type { StepReport, Trainer } from "../../src/train/trainer.ts";
import { type Answers, type LabelTask, TARGET_OF, type TaskKind } from "../../src/transfer/label-task.ts";
import type { AnsweredPictures } from "../../src/transfer/validation-observer.ts";
import { deterministic } from "./deterministic.ts";
import { TINY, tinyPictures } from "./tiny-run.ts";

const { imageSize, canvas, batchSize, epochs, seed } = TINY;

/** ResNet-18 with a sixteenth of its channels. */
export const tinyResnet = (norm: "batch" | "group" = "batch"): Backbone =>
  createBackbone("resnet18", { imageSize, widthMultiplier: 1 / 16, norm });

/** A vision transformer of two blocks. */
export function tinyVit(): Backbone {
  const { name, settings } = createBackbone("vit_tiny", { imageSize, patch: 4, dropPath: 0 });
  return restoreBackbone(name, { ...settings, width: 24, depth: 2, heads: 3 });
}

export const TASKS: Record<TaskKind, LabelTask> = {
  classes: { kind: "classes", names: ["red", "green", "blue"] },
  several: { kind: "several", names: ["red", "green", "even"] },
  numbers: { kind: "numbers", names: ["place", "brightness"] },
};

/** Pictures with their answers, as targets of their kind. */
export function tinyLabelled(kind: TaskKind, count = 24): AnsweredPictures & { task: LabelTask } {
  const task = TASKS[kind];
  const dataset = tinyPictures(count);
  const answers = tinyAnswers(kind, count);
  if (answers.kind === "classes") return { task, dataset, answers };
  const { cols, data } = answers.rows;
  const column = { dtype: "float32", shape: [cols], data } as const;
  return { task, dataset: withTargets(dataset, { rows: { [TARGET_OF[kind]]: column } }), answers };
}

function tinyAnswers(kind: TaskKind, rows: number): Answers {
  if (kind === "classes") return { kind, classes: Int32Array.from({ length: rows }, (_, i) => i % 3) };
  const several = (i: number) => [i % 3 === 0, i % 3 === 1, i % 2 === 0].map(Number);
  const numbers = (i: number) => [i / rows, (i % 3) - 1];
  const data = Array.from({ length: rows }, (_, i) => (kind === "several" ? several(i) : numbers(i)));
  return { kind, rows: { rows, cols: data[0]!.length, data: Float32Array.from(data.flat()) } };
}

/** A configuration for these pictures: the recipe's, with other settings. */
export function fineTuningConfig(
  { task, dataset }: { task: LabelTask; dataset: PictureDataset },
  backbone: Backbone,
  settings: Partial<FineTuningSettings> = {},
  choices: Choices = {},
): RunConfig {
  const facts = { task: task.kind, outputs: task.names.length, source: null, keptHead: null };
  const data = { path: "(in memory)", fingerprint: dataset.fingerprint, pictures: dataset.size };
  const config = configureFor(
    backbone,
    { imageSize, canvas, batchSize, epochs, seed, ...choices, settings: { ...facts, ...settings } },
    data,
    fineTuning as unknown as Method,
  );
  const pictures = { training: dataset.size, validation: 0, test: 0 };
  return { ...config, labels: { names: [...task.names], pictures } };
}

/** Moves the classifier away from zero, where the encoder would have no gradient. */
export function wakeClassifier({ values }: Pick<Trainer, "values">): void {
  for (const [path, data] of values)
    if (/^(?:teacher\.)?classifier\./.test(path))
      values.set(path, deterministic(path.replace("teacher.", ""), data.length, 0.5));
}

/** Takes the first steps of a run, and calls `after` after each. */
export async function takeSteps(
  trainer: Trainer,
  dataset: PictureDataset,
  count: number,
  after: (step: number) => void = () => {},
): Promise<StepReport[]> {
  const { config, targets, plan } = trainer;
  const reports: StepReport[] = [];
  while (reports.length < count) {
    const epoch = Math.floor(reports.length / plan.stepsPerEpoch);
    const source = { ...config, partSize: config.microBatch, epoch, targets };
    for await (const batch of batches(dataset, source)) {
      reports.push(await trainer.step(batch, reports.length));
      after(reports.length - 1);
      if (reports.length === count) break;
    }
  }
  return reports;
}
