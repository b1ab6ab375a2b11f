/** Observers look at a run during training, and add to its records. */
import type { Backbone } from "../backbones/backbone.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";

/** An encoder during training. */
export interface EncoderSnapshot {
  backbone: Backbone;
  /** Weights by bare name. */
  values: Values;
  imageSize: number;
}

/** The end of an epoch. */
export interface EpochEnd {
  trainer: Trainer;
  /** The record of the epoch so far; earlier observers have added to it. */
  record: EpochRecord;
  /** The records of the epochs before. */
  before: readonly EpochRecord[];
  /** Whether a measurement of the encoder is due in this epoch. */
  due: boolean;
}

/** An observer of a run. Training waits for it. */
export interface Observer {
  /**
   * Called at the end of every epoch, before it is kept.
   *
   * @returns changes of the epoch's record; undefined for none.
   */
  epoch?(end: EpochEnd): Promise<Partial<EpochRecord> | undefined>;
  /**
   * Whether the run should end with this epoch, although it has epochs left.
   *
   * @param records of all epochs so far.
   */
  isEnough?(records: readonly EpochRecord[]): boolean;
  /** Called when the run has reached its end; not called when it was interrupted. */
  finish?(trainer: Trainer): Promise<void>;
}

export function snapshotOf({ encoder: backbone, encoderValues: values, config }: Trainer): EncoderSnapshot {
  return { backbone, values, imageSize: config.imageSize };
}
