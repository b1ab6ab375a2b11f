/** What pre-training is asked and what it answers. */
import type { Backbone } from "../backbones/backbone.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";
import type { Choices } from "./configure.ts";
import type { PictureOptions } from "./picture-options.ts";
import type { EpochRecord, OnProgress } from "./progress.ts";

export interface PretrainOptions extends Choices, PictureOptions {
  /**
   * A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open), whose canvas is used as it
   * is and must be at least the image size. Of pictures in parts the part `train` unless `split` says otherwise, so that
   * the others stay unseen.
   */
  pictures: string | PictureDataset;
  /** Run folder. Default `runs/<name of the pictures>-<method>`. */
  out?: string;
  /**
   * Go on with the run in `out` from its last checkpoint, with the configuration it was started with. Settings of the
   * optimiser may be changed, and epochs added: schedules then follow the new number from that step on. `"auto"` begins
   * a run where there is none: the same call, repeated until it returns, always comes to the end of the run.
   */
  resume?: boolean | "auto";
  /**
   * With `resume`: go on although there are more pictures than before, with all of them. Pictures are known by their names.
   * As many epochs are done as before, an epoch under way begins again; a memory bank keeps the rows of known pictures.
   */
  morePictures?: boolean;
  /** With `minutes`: no run is planned with fewer epochs or shortened to fewer, though it takes longer then. Default 5. */
  fewestEpochs?: number;
  /** Start over where there is a run in `out` already: what it wrote is removed. */
  force?: boolean;
  /** Look at labels, from the first level of folders or beside the files, for kNN while training. Default true. */
  labels?: boolean;
  /** {@link physicalCores} by default. */
  threads?: number;
  /** ONNX Runtime's execution provider that trains: `cpu` by default, `webgpu`, `cuda`, … where they work. */
  provider?: string;
  /** Epochs between looks at kNN and health; 0 for never. Default: a fortieth of the run, at least 1. */
  monitorEvery?: number;
  /** Epochs between checkpoints. Default: as `monitorEvery`. */
  checkpointEvery?: number;
  /**
   * When aborted, the step in progress is finished, a checkpoint is written, and the result says `interrupted`. While
   * pictures are read, the promise is rejected with the signal's reason.
   */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Called after each epoch with the encoder as it is then; training waits for it. */
  onEpoch?: (record: EpochRecord, encoder: EncoderSnapshot) => Promise<void>;
}

/** An encoder in the middle of its training. */
export interface EncoderSnapshot {
  backbone: Backbone;
  /** Weights by bare name. */
  values: Values;
  imageSize: number;
}

export interface PretrainResult {
  run: string;
  /** Path of the exported encoder; null when interrupted. */
  encoder: string | null;
  /** Path of a picture of what the method fills in where it does not see; null when interrupted, or if it does no such thing. */
  reconstructions: string | null;
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sessions. */
  seconds: number;
  epochs: EpochRecord[];
  skipped: number;
  /** What else a user should know: files passed over, settings changed, labels not used. */
  notes: readonly string[];
}
