/** How long an epoch takes on this machine, so that a number of epochs can follow from the time there is. */
import { batches } from "../data/loader.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Method } from "../methods/method.ts";
import type { LoadOptions } from "../train/compiled-step.ts";
import { type RunConfig, stepsPerEpoch } from "../train/run-config.ts";
import { Trainer } from "../train/trainer.ts";

const WARM_UP = 2;
const TIMED = 6;

/** Seconds an epoch of this configuration takes, by the median of a few steps that are then thrown away. */
export async function secondsPerEpoch(
  config: RunConfig,
  pictures: PictureDataset,
  options: LoadOptions & { method?: Method },
): Promise<number> {
  const trainer = await Trainer.create(config, options);
  const seconds: number[] = [];
  try {
    // A small data set has too few steps in one epoch.
    for (let epoch = 0; seconds.length < WARM_UP + TIMED; epoch++) {
      const missing = WARM_UP + TIMED - seconds.length;
      seconds.push(...(await timedSteps(trainer, pictures, { epoch, limit: missing })));
    }
  } finally {
    await trainer.release();
  }
  const timed = seconds.slice(WARM_UP).sort((a, b) => a - b);
  return timed[Math.floor(timed.length / 2)]! * stepsPerEpoch(config);
}

/** Seconds of each of the first steps of an epoch. */
async function timedSteps(
  trainer: Trainer,
  pictures: PictureDataset,
  { epoch, limit }: { epoch: number; limit: number },
): Promise<number[]> {
  const { batchSize, microBatch: partSize, seed } = trainer.config;
  const seconds: number[] = [];
  for await (const batch of batches(pictures, { batchSize, partSize, seed, epoch })) {
    const start = performance.now();
    await trainer.step(batch, batch.step);
    seconds.push((performance.now() - start) / 1000);
    if (seconds.length === limit) break;
  }
  return seconds;
}
