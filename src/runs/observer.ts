/** What looks at a run while it trains, and adds to what is kept of it. */
import type { Backbone } from "../backbones/backbone.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";

/** An encoder in the middle of its training. */
export interface EncoderSnapshot {
  backbone: Backbone;
  /** Weights by bare name. */
  values: Values;
  imageSize: number;
}

/** The end of an epoch. */
export interface EpochEnd {
  trainer: Trainer;
  /** What is known of the epoch so far; observers before this one have added to it. */
  record: EpochRecord;
  /** The records of the epochs before. */
  before: readonly EpochRecord[];
  /** Whether a look at the encoder is due in this epoch. */
  due: boolean;
}

/** An observer of a run. Training waits for it. */
export interface Observer {
  /**
   * Called at the end of every epoch, before it is kept.
   *
   * @returns what is to be changed in the epoch's record; nothing for nothing.
   */
  epoch?(end: EpochEnd): Promise<Partial<EpochRecord> | undefined>;
  /** Called once the run has come to its end; not when it was interrupted. */
  finish?(trainer: Trainer): Promise<void>;
}

export function snapshotOf({ encoder: backbone, encoderValues: values, config }: Trainer): EncoderSnapshot {
  return { backbone, values, imageSize: config.imageSize };
}
