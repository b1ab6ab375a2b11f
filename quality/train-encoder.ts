/** Trains for a given time, with the job's own loop of epochs, and computes features after the last epoch. */
import {
  availableMemory,
  type Choices,
  configure,
  type EpochRecord,
  environmentOf,
  examinePictures,
  type PictureDataset,
  timeSteps,
} from "afterimage";
import { completeMethod, type Method, type SpreadBar } from "afterimage/methods";
import { collapseObserver, MemoryStore, monitorObserver, Notes, TrainingLoop } from "afterimage/runs";
import { extractFeatures, type RunConfig, stepsPerEpoch, Trainer, type Values } from "afterimage/train";
import type { Look, Outcome, Task } from "./contestant.ts";
import { choicesFor, type Family, TUNED, withBackboneOf } from "./recipe.ts";

export interface TrainedOptions {
  method: Method;
  family: Family;
  /** Settings that differ from the method's defaults. */
  settings?: Readonly<Record<string, unknown>>;
  /** Choices that differ from the recipe's, for trials. */
  choices?: Pick<Choices, "training" | "batchSize" | "imageSize">;
  /** Training pictures. Default: those of the set. */
  pictures?: PictureDataset;
}

export interface Trained extends Outcome {
  /** All values at the end, including the head's. */
  values: Values;
}

/** @throws AfterimageError `method/pictures` for pictures that the method cannot learn from. */
export async function trainEncoder(options: TrainedOptions, task: Task): Promise<Trained> {
  const { set, threads } = task;
  const pictures = options.pictures ?? set.train;
  const { method } = options;
  const load = { threads, method, memory: availableMemory() };
  const first = configFor(options, task, pictures, 1);
  for (const note of await examinePictures(pictures, first, method)) task.log(note);
  const pace = async () => task.secondsPerEpoch ?? (await timeSteps(first, load)).now * stepsPerEpoch(first);
  const epochs = task.epochs ?? epochsIn(task, await pace());
  const environment = environmentOf({ threads, provider: "cpu" });
  const config = { ...configFor(options, task, pictures, epochs), environment };
  const trainer = await Trainer.create(config, load);
  try {
    const { collapsedLoss, spread } = completeMethod(method);
    const bars = spread(config.batchSize);
    const { epochs: records, seconds, steps } = await runEpochs(trainer, pictures, task);
    const encoder = { backbone: trainer.encoder, values: trainer.encoderValues, imageSize: config.imageSize };
    return {
      train: await extractFeatures(set.train, { ...encoder, threads }),
      test: await extractFeatures(set.test, { ...encoder, threads }),
      copies: await extractFeatures(set.tasks.copies, { ...encoder, threads }),
      metric: "cosine",
      family: options.family,
      settings: settingsOf(config),
      versions: { afterimage: environment.afterimage, "onnxruntime-node": environment.onnxruntime },
      training: {
        minutes: seconds / 60,
        epochs,
        picturesPerSecond: (steps * config.batchSize) / seconds,
        collapsedLoss: collapsedLoss(config.method.settings, config.batchSize, config.data.pictures),
        leastSpread: Object.fromEntries(bars.map(({ metric, least }) => [metric, least])),
        course: records.map((record) => lookOf(record, bars)),
      },
      classifier: null,
      values: trainer.values,
    };
  } finally {
    await trainer.release();
  }
}

/** The number of epochs that fit the time. It is rounded to hundredths, so no method loses up to an epoch. */
export function epochsIn({ minutes, log }: Pick<Task, "minutes" | "log">, secondsPerEpoch: number): number {
  const epochs = Math.max(1, Math.floor((100 * minutes * 60) / secondsPerEpoch)) / 100;
  log(`${epochs} epochs in ${minutes} minutes`);
  return epochs;
}

/** The configuration of a run with this number of epochs. */
export function configFor(
  { method, family, settings, choices: own }: TrainedOptions,
  { set, seed }: Pick<Task, "set" | "seed">,
  pictures: PictureDataset,
  epochs: number,
): RunConfig {
  const tuned = TUNED[method.name] ?? {};
  const choices: Choices = {
    ...choicesFor(family),
    ...own,
    ...{ method: method.name, epochs, seed, canvas: pictures.canvas },
    settings: { ...tuned.settings, ...settings },
    training: { ...tuned.training, ...own?.training },
  };
  const data = { path: set.name, fingerprint: pictures.fingerprint, pictures: pictures.size };
  return withBackboneOf(family, configure(choices, data, method));
}

/** Runs all epochs in memory. kNN and health are computed after every epoch, or in trials after the last. */
function runEpochs(trainer: Trainer, pictures: PictureDataset, { threads, epochs }: Task) {
  const never = Number.MAX_SAFE_INTEGER;
  const { seed } = trainer.config;
  return new TrainingLoop({
    ...{ trainer, dataset: pictures, store: new MemoryStore(), threads },
    observers: [monitorObserver(pictures, seed, threads), collapseObserver(pictures)],
    ...{ monitorEvery: epochs === undefined ? 1 : never, checkpointEvery: never },
    ...{ onProgress: () => {}, notes: new Notes(), startedAt: performance.now() },
  }).go();
}

function settingsOf({ method, backbone, training, imageSize, canvas, batchSize, environment }: RunConfig) {
  return { method, backbone, training, imageSize, canvas, batchSize, threads: environment?.threads };
}

function lookOf(
  { epoch, loss, knn, health, warning, metrics }: EpochRecord,
  bars: readonly SpreadBar[],
): Look {
  const spread = Object.fromEntries(bars.map(({ metric }) => [metric, metrics[metric]!]));
  return { epoch, loss, knn, health, warning, spread };
}
