/** Fine-tuning of an encoder on labelled pictures, in Node or in a browser. */
import { PICTURES } from "../runs/run-store.ts";
import { type LoopOptions, type LoopResult, TrainingLoop } from "../runs/training-loop.ts";
import { beginFrom, type StartingNetwork } from "./begin-from.ts";
import { type BestStore, MemoryBest, patientObserver, useBest } from "./best-weights.ts";
import { bestRecord } from "./early-stop.ts";
import type { LabelTask } from "./label-task.ts";
import { learnHeadFirst } from "./learn-head-first.ts";
import { type AnsweredPictures, validationObserver } from "./validation-observer.ts";

export interface FineTuneOptions extends Omit<LoopOptions, "dataset"> {
  task: LabelTask;
  /** The network to begin with; null to begin from noise. */
  start: StartingNetwork | null;
  /** The pictures that train, with the targets that the trainer asks for. */
  training: AnsweredPictures;
  /** Pictures that do not train, on which the network is scored after epochs; null for none. */
  validation: AnsweredPictures | null;
  /** Measurements without a better score after which the run ends; undefined to train to the end. */
  patience?: number | undefined;
  /** Where the best weights are kept if there is a patience. Default: memory. */
  best?: BestStore;
}

export interface FineTuned extends LoopResult {
  /** The step of the weights that the run ends with: the last one, or that of the best score. */
  step: number;
}

/**
 * Trains to the end, or until the signal is aborted. A new run starts from the given network and the linear
 * probe as its classifier. If the store has a state of the run, training continues from it.
 *
 * @throws AfterimageError as {@link beginFrom}, {@link learnHeadFirst} and {@link TrainingLoop.go} do.
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuned> {
  const { task, training, validation, threads, patience } = options;
  const { best = new MemoryBest() } = options;
  const observers = [
    ...(validation === null ? [] : [validationObserver(task, validation, threads)]),
    ...(patience === undefined ? [] : [patientObserver(patience, best)]),
    ...options.observers,
  ];
  const result = await new TrainingLoop({
    ...{ ...options, dataset: training.dataset, observers },
    begin: () => begin(options),
  }).go();
  if (result.interrupted || patience === undefined) return { ...result, step: result.steps };
  const step = await endWithBest(options, best, result);
  return { ...result, step };
}

/** @returns the step of the weights that the run ends with. */
async function endWithBest(
  options: FineTuneOptions,
  store: BestStore,
  { steps, epochs }: LoopResult,
): Promise<number> {
  const { trainer, notes } = options;
  const wanted = bestRecord(epochs)?.step;
  if (wanted === undefined || wanted === steps) return steps;
  if ((await useBest(trainer, store, epochs)) === null) {
    notes.add(
      `the weights of step ${wanted}, which have the best score, were not kept; those of the last step are used`,
    );
    return steps;
  }
  await keepState(options, steps);
  return wanted;
}

/** Replaces the last state by one with the best weights, which readers of the run then find. */
async function keepState({ trainer, store }: FineTuneOptions, step: number): Promise<void> {
  const { stored: arrays, shapes, config } = trainer;
  await store.writeState({ step, arrays, metadata: { [PICTURES]: config.data.fingerprint } }, shapes);
}

async function begin({
  trainer,
  task,
  start,
  training,
  threads,
  onProgress,
}: FineTuneOptions): Promise<void> {
  if (start === null) return;
  beginFrom(trainer, start);
  await learnHeadFirst(trainer, {
    ...{ task, threads, ...training },
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
}
