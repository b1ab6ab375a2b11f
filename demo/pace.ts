/** How many epochs fit into the time there is, from a few steps on this machine. */
import type { PictureDataset } from "afterimage";
import { batches } from "afterimage/data";
import { type RunConfig, stepsPerEpoch, Trainer } from "afterimage/train";

const WARM_UP = 2;
const TIMED = 6;

/** Seconds an epoch of this configuration takes, by the median of a few steps that are then thrown away. */
export async function secondsPerEpoch(
  config: RunConfig,
  pictures: PictureDataset,
  threads: number,
): Promise<number> {
  const trainer = await Trainer.create(config, { threads });
  const seconds: number[] = [];
  try {
    for await (const batch of batches(pictures, {
      batchSize: config.batchSize,
      seed: config.seed,
      epoch: 0,
    })) {
      const start = performance.now();
      await trainer.step(batch, batch.step);
      seconds.push((performance.now() - start) / 1000);
      if (seconds.length === WARM_UP + TIMED) break;
    }
  } finally {
    await trainer.release();
  }
  const timed = seconds.slice(WARM_UP).sort((a, b) => a - b);
  return timed[Math.floor(timed.length / 2)]! * stepsPerEpoch(config);
}
