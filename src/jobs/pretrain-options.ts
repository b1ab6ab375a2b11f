/** The options and the result of pre-training. */
import * as z from "zod";
import { backboneOptions, type FreeBackboneOptions } from "../backbones/backbone-options.ts";
import { backgroundOption as background } from "../data/background-option.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Method } from "../objectives/method.ts";
import { option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { Choices } from "../runs/configure/configure.ts";
import type { EncoderSnapshot } from "../runs/observer.ts";
import type { EpochRecord, OnProgress } from "../runs/progress.ts";
import type { RunConfig } from "../train/run-config.ts";
import { callback, pictures, record, text, threads } from "./option-kinds.ts";
import { allFiles, cacheDir, type PictureOptions, split, verify } from "./picture-options.ts";
import {
  batchSize,
  force,
  microBatch,
  out,
  provider,
  resume,
  signal,
  training,
} from "./training-option-kinds.ts";

export interface PretrainOptions extends Omit<Choices, "method">, PictureOptions {
  /** A method's name, or a method of your own. Default `simclr`. */
  method?: string | Method;
  /**
   * A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open), whose canvas
   * is used as it is and must be at least the image size. If the pictures have parts, `train` is used unless
   * `split` says otherwise, so that the others stay unseen.
   */
  pictures: string | PictureDataset;
  /** Run folder. Default `runs/<name of the pictures>-<method>`. */
  out?: string;
  /**
   * Continue the run in `out` from its last checkpoint, with the configuration it was started with. Settings
   * of the optimiser may be changed, and epochs added: schedules then follow the new number from that step
   * on. `"auto"` begins a run if there is none, so that the same call, repeated until it returns, always
   * finishes the run.
   */
  resume?: boolean | "auto";
  /**
   * With `resume`: continue with all pictures although there are more than before. Pictures are recognised by
   * their names. Finished epochs stay finished, and an unfinished epoch begins again. A memory bank keeps the
   * rows of known pictures.
   */
  morePictures?: boolean;
  /** With `minutes`: the least number of epochs of a run, even if it takes longer then. Default 5. */
  fewestEpochs?: number;
  /** Start again if there is already a run in `out`: its files are removed. */
  force?: boolean;
  /**
   * Use labels, from the first level of folders or from files next to the pictures, for kNN during training.
   * Default true.
   */
  labels?: boolean;
  /** Default: {@link physicalCores}. */
  threads?: number;
  /** ONNX Runtime's execution provider for training: `cpu` by default; `webgpu`, `cuda`, … if they work. */
  provider?: string;
  /**
   * Epochs between measurements of kNN and health; 0 for never. Default: a fortieth of the run, at least 1.
   */
  monitorEvery?: number;
  /** Epochs between checkpoints. Default: as `monitorEvery`. */
  checkpointEvery?: number;
  /**
   * When aborted, the step in progress is finished, a checkpoint is written, and the result says
   * `interrupted`. While pictures are read, the promise is rejected with the signal's reason.
   */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Called after each epoch with the encoder at that time; training waits for it. */
  onEpoch?: (record: EpochRecord, encoder: EncoderSnapshot) => Promise<void>;
}

/** What the schema holds: options of a backbone of your own are held against its own. */
type TableOptions = Omit<NamedOptions, "backboneOptions"> & { backboneOptions?: FreeBackboneOptions };

/** The same with a method by its name: the form that everything except `pretrain` itself takes. */
export type NamedOptions = Omit<PretrainOptions, "method"> & Pick<Choices, "method">;

/** In the order of the help. */
export const pretrainOptions = schemaOf<TableOptions>()({
  pictures: pictures({
    description: "folder of pictures, list of files (.txt, .csv, .tsv), IDX or CIFAR files",
    placeholder: "pictures",
    shown: "word",
  }),
  method: option(text(), {
    description: "training method, one of those that afterimage methods lists",
    fallback: "simclr",
    placeholder: "name",
  }),
  backbone: option(text(), {
    description: "network to train, one of those that afterimage backbones lists",
    fallback: "the first that afterimage methods lists for the method",
    placeholder: "name",
  }),
  epochs: option(z.number().positive(), {
    description: "passes over the pictures; fractions allowed",
    fallback: `by the number of pictures, from 10 to 800; with ${optionName("minutes")}, as many as fit`,
  }),
  minutes: option(z.number().positive(), {
    description:
      "time for the whole command; epochs, image size and width are chosen to fit it on this machine",
    fallback: "no limit, about half an hour on four cores of a laptop",
  }),
  batchSize: batchSize(),
  training: training("the method's own, scaled to the batch size"),
  imageSize: option(z.int().min(1), {
    description: "height and width of the encoder's input, in pixels",
    fallback: "by the number and size of the pictures",
  }),
  seed: option(z.int().min(0), { description: "seed of all random numbers", fallback: "0" }),
  provider: provider(),
  threads: threads(),
  out: out("runs/<pictures>-<method>"),
  canvas: option(z.int().min(2), {
    description: "height and width of cached pictures, in pixels",
    fallback: "1.5 × the image size",
  }),
  background: background({
    fallback: "auto: white, or black for a picture that would be hardly visible on white",
  }),
  microBatch: microBatch(),
  backboneOptions: option(backboneOptions, {
    description: "options of the backbone",
    shown: "never",
    holds: backboneOptions.shape,
  }),
  labels: option(z.boolean(), {
    description: "use folder names as labels for kNN during training",
    fallback: "use them",
    off: "do not use folder names as labels for kNN during training",
  }),
  monitorEvery: option(z.int().min(0), {
    description: "epochs between evaluations of kNN and health, 0 for never",
    fallback: "1, or at least a fortieth of a run of more than 40 epochs",
  }),
  checkpointEvery: option(z.int().min(1), {
    description: "epochs between checkpoints",
    fallback: `as ${optionName("monitorEvery")}`,
  }),
  split: split({
    description: "split to train on, if the pictures have splits, such as the folders train/, val/ and test/",
    fallback: "train, or all pictures if there is no such split",
  }),
  allFiles: allFiles(),
  cacheDir: cacheDir(),
  resume: resume(),
  morePictures: option(z.boolean(), {
    description: `with ${optionName("resume")}: include pictures that were added since`,
    inFile: false,
  }),
  force: force(),
  verify: verify(),
  settings: record<Record<string, unknown>>({
    description: "settings of the method; afterimage methods lists them",
    shown: "never",
    inFile: true,
  }),
  fewestEpochs: option(z.number().positive(), {
    description: `with ${optionName("minutes")}: the fewest epochs that a run is planned with or shortened to`,
    fallback: "5",
    shown: "never",
  }),
  repeats: option(
    z.array(z.strictObject({ step: z.int().min(1), epochs: z.number().positive() })).readonly(),
    {
      description: "what another run decided about its epochs, to be repeated",
      expected: "a list of steps and epochs",
      shown: "never",
    },
  ),
  signal: signal(),
  onProgress: callback<OnProgress>("called with every step, epoch and note"),
  onEpoch: callback<NonNullable<PretrainOptions["onEpoch"]>>("called after each epoch with the encoder"),
});

export interface PretrainResult {
  run: string;
  /** Path of the exported encoder; null when interrupted. */
  encoder: string | null;
  /** Path of the method's reconstructions; null when interrupted, or if the method does not reconstruct. */
  reconstructions: string | null;
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sessions. */
  seconds: number;
  epochs: EpochRecord[];
  skipped: number;
  /** Other notes for the user: files skipped, settings changed, labels not used. */
  notes: readonly string[];
}
