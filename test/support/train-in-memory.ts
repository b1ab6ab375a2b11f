/** A few steps and the encoder after them, by public names that need no Node. */
import { batches, type PictureDataset } from "afterimage/data";
import { extractFeatures, type RunConfig, Trainer } from "afterimage/train";

const STEPS = 3;

export interface TrainedInMemory {
  losses: number[];
  /** The first picture's features, by the encoder after the last step. */
  features: number[];
}

export async function trainInMemory(
  config: RunConfig,
  pictures: PictureDataset,
  options: { provider: string; threads: number },
): Promise<TrainedInMemory> {
  const { batchSize, seed, imageSize } = config;
  const trainer = await Trainer.create(config, options);
  const losses: number[] = [];
  for await (const batch of batches(pictures, { batchSize, seed, epoch: 0 })) {
    losses.push((await trainer.step(batch, losses.length)).loss);
    if (losses.length === STEPS) break;
  }
  const encoder = { backbone: trainer.encoder, values: trainer.encoderValues, imageSize };
  const { data } = await extractFeatures(pictures, { ...encoder, ...options }, [0]);
  await trainer.release();
  return { losses, features: [...data] };
}
