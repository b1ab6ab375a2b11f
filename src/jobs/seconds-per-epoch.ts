/** How long an epoch takes on this machine, so that a number of epochs can follow from the time there is. */
import { batches } from "../data/loader.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Method } from "../methods/method.ts";
import type { LoadOptions } from "../train/compiled-step.ts";
import { type RunConfig, stepsPerEpoch } from "../train/run-config.ts";
import { Trainer } from "../train/trainer.ts";

const WARM_UP = 2;
const TIMED = 6;
/** Steps take some seconds to reach the pace they then keep, and a machine's pace wavers within a second. */
const LEAST_SECONDS = 5;

/** Seconds an epoch of this configuration takes, by the median of some steps that are then thrown away. */
export async function secondsPerEpoch(
  config: RunConfig,
  pictures: PictureDataset,
  options: LoadOptions & { method?: Method },
): Promise<number> {
  const trainer = await Trainer.create(config, options);
  const seconds: number[] = [];
  try {
    // A small data set has too few steps in one epoch.
    for (let epoch = 0; !isEnough(seconds); epoch++) await timeEpoch(trainer, pictures, epoch, seconds);
  } finally {
    await trainer.release();
  }
  const timed = seconds.slice(WARM_UP).sort((a, b) => a - b);
  return timed[Math.floor(timed.length / 2)]! * stepsPerEpoch(config);
}

function isEnough(seconds: readonly number[]): boolean {
  return seconds.length >= WARM_UP + TIMED && seconds.reduce((sum, each) => sum + each, 0) >= LEAST_SECONDS;
}

/** Adds the seconds of each step of an epoch, until there are enough. */
async function timeEpoch(
  trainer: Trainer,
  pictures: PictureDataset,
  epoch: number,
  seconds: number[],
): Promise<void> {
  const { batchSize, microBatch: partSize, seed } = trainer.config;
  for await (const batch of batches(pictures, { batchSize, partSize, seed, epoch })) {
    const start = performance.now();
    await trainer.step(batch, batch.step);
    seconds.push((performance.now() - start) / 1000);
    if (isEnough(seconds)) return;
  }
}
