/** The scores of a fine-tuned network beside those of simpler ways to use the same labels. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { MemoryStore } from "../../runs/memory-store.ts";
import { Notes } from "../../runs/notes.ts";
import { extractFeatures } from "../../train/encoder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { Trainer } from "../../train/trainer.ts";
import { fineTune } from "../../transfer/fine-tune.ts";
import { fitTaskTemperature } from "../../transfer/fit-task-temperature.ts";
import { judgeLinearProbe, judgeNeighbours } from "../../transfer/judge-baselines.ts";
import { type JudgedPredictions, judgePredictions } from "../../transfer/judge-predictions.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import { averagedValues } from "../../transfer/network-of-run.ts";
import type { Judged } from "../../transfer/prediction-scores.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import type { Computing } from "./computing.ts";
import { type OutputsOn, outputsOfRun } from "./network-outputs.ts";
import type { Source } from "./open-source.ts";

/** The parts of labelled pictures. */
export interface LabelledParts {
  task: LabelTask;
  training: AnsweredPictures;
  validation: AnsweredPictures;
  /** The part that results are about: the data set's own test part, or the validation part. */
  tested: AnsweredPictures;
}

/** The scores on the tested pictures, with the temperature that the validation part asks for. */
export async function judgeNetwork(
  outputs: OutputsOn,
  { task, validation, tested }: Omit<LabelledParts, "training">,
): Promise<JudgedPredictions & { temperature: number | null }> {
  const held = await outputs(validation.dataset);
  const temperature = fitTaskTemperature(task, held.logits, validation.answers);
  const { logits } = await outputs(tested.dataset);
  return { ...judgePredictions(task, logits, tested.answers, temperature), temperature };
}

/** A linear probe and kNN on the features that the fine-tuning began with. */
export async function judgeFrozen(
  { encoder }: Pick<Source, "encoder">,
  { task, training, tested }: LabelledParts,
  seed: number,
  { threads, onProgress }: Computing,
): Promise<Record<"linear" | "knn", Judged>> {
  const { backbone, values, imageSize, preprocessing } = encoder;
  const extract = (dataset: PictureDataset) =>
    extractFeatures(dataset, {
      ...{ backbone, values, imageSize, preprocessing, threads },
      onProgress: (done, total) => onProgress({ type: "features", done, total }),
    });
  const known = { task, trainAnswers: training.answers, testAnswers: tested.answers, seed, threads };
  const features = {
    ...known,
    train: await extract(training.dataset),
    test: await extract(tested.dataset),
  };
  return { linear: await judgeLinearProbe(features), knn: await judgeNeighbours(features) };
}

/**
 * Trains the same configuration in memory, from the pre-trained network with another seed, or from random
 * weights (`start` null).
 *
 * @returns null when it was interrupted.
 */
export async function trainAside(
  config: RunConfig,
  start: Source["start"] | null,
  parts: LabelledParts,
  computing: Computing,
): Promise<JudgedPredictions | null> {
  const { threads, onProgress, signal } = computing;
  const trainer = await Trainer.create(config, computing);
  try {
    const store = new MemoryStore();
    await store.writeConfig(config);
    const result = await fineTune({
      ...{ trainer, store, threads, start, ...parts, validation: null, observers: [] },
      ...{ notes: new Notes(), startedAt: performance.now(), monitorEvery: 0, signal },
      onProgress: (event) => event.type === "step" && onProgress(event),
    });
    if (result.interrupted) return null;
    return await judgeNetwork(outputsOfRun(config, averagedValues(trainer.values), computing), parts);
  } finally {
    await trainer.release();
  }
}
