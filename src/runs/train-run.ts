import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Method } from "../objectives/method.ts";
import type { LoadOptions } from "../train/forms/compile-step.ts";
import type { RunConfig } from "../train/run-config.ts";
import { Trainer } from "../train/trainer.ts";
import { collapseObserver } from "./collapse.ts";
import { MemoryStore } from "./memory-store.ts";
import { monitorObserver } from "./monitor.ts";
import { Notes } from "./notes.ts";
import { type EncoderSnapshot, type Observer, snapshotOf } from "./observer.ts";
import type { OnProgress } from "./progress.ts";
import type { RunStore } from "./run-store.ts";
import { type LoopOptions, type LoopResult, TrainingLoop } from "./training-loop.ts";

export interface TrainRunOptions
  extends LoadOptions,
    Pick<LoopOptions, "monitorEvery" | "checkpointEvery" | "signal" | "onEpoch" | "fewestEpochs"> {
  /** A method that is not in the list of methods. */
  method?: Method;
  /** The store of the run. A run that is already there continues. Default: memory. */
  store?: RunStore;
  /** Default: kNN and health of the encoder, and a warning if it looks collapsed. */
  observers?: readonly Observer[];
  onProgress?: OnProgress;
}

export interface TrainRunResult extends LoopResult {
  /** The encoder at the end. */
  encoder: EncoderSnapshot;
  notes: readonly string[];
}

/**
 * Trains a configuration on pictures, in Node or in a browser: what the job `pretrain` does once it has read
 * the pictures and has a folder.
 *
 * @param dataset is not closed.
 * @throws AfterimageError as {@link Trainer.create}, {@link TrainingLoop.go} and the store do.
 */
export async function trainRun(
  config: RunConfig,
  dataset: PictureDataset,
  options: TrainRunOptions = {},
): Promise<TrainRunResult> {
  const startedAt = performance.now();
  const { store = new MemoryStore(), onProgress = () => {}, threads = 1 } = options;
  const notes = new Notes(onProgress);
  const trainer = await Trainer.create(config, options);
  try {
    if ((await store.readConfig()) === null) await store.writeConfig(config);
    const observers = options.observers ?? [
      monitorObserver(dataset, config.seed, threads),
      collapseObserver(dataset),
    ];
    const loop = { ...options, trainer, dataset, store, observers, notes, onProgress, threads, startedAt };
    const result = await new TrainingLoop(loop).go();
    return { ...result, encoder: snapshotOf(trainer), notes: notes.list };
  } finally {
    await trainer.release();
  }
}
