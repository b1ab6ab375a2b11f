/** The choices of `afterimage pretrain`, each once: its flag, its entry in a configuration file, its help. */
import { SPLITS } from "../data/node/split.ts";
import type { PretrainOptions } from "../jobs/pretrain.ts";
import {
  COLOUR,
  numberWithin,
  oneOf,
  text,
  type ValueKind,
  wholeNumber,
  YES_OR_NO,
} from "../jobs/value-kinds.ts";

type BackboneOptions = NonNullable<PretrainOptions["backboneOptions"]>;

/** The choices as flags and files name them. */
export interface Chosen
  extends Pick<
      PretrainOptions,
      | "method"
      | "epochs"
      | "minutes"
      | "batchSize"
      | "imageSize"
      | "seed"
      | "threads"
      | "provider"
      | "out"
      | "canvas"
      | "background"
      | "microBatch"
      | "backbone"
      | "labels"
      | "monitorEvery"
      | "checkpointEvery"
      | "cacheDir"
      | "split"
      | "allFiles"
    >,
    Pick<BackboneOptions, "patch" | "stem" | "norm" | "dropPath"> {
  width?: number;
  /** The same as `training.learningRate`, which users change first. */
  learningRate?: number;
}

export interface Choice<T = unknown> {
  readonly kind: ValueKind<T>;
  readonly help: string;
  /** The default as the help shows it; `jobs/configure.ts` decides it. */
  readonly fallback: string;
}

const NORMS: Record<NonNullable<BackboneOptions["norm"]>, true> = { batch: true, group: true, layer: true };
const STEMS: Record<NonNullable<BackboneOptions["stem"]>, true> = { cifar: true, imagenet: true };

export const CHOICES: { readonly [K in keyof Required<Chosen>]: Choice<NonNullable<Chosen[K]>> } = {
  method: {
    kind: text("name"),
    help: "training method, one of those that afterimage methods lists",
    fallback: "simclr",
  },
  backbone: {
    kind: text("name"),
    help: "network to train, one of those that afterimage backbones lists",
    fallback: "the first that afterimage methods lists for the method",
  },
  epochs: {
    kind: numberWithin({ above: 0 }),
    help: "passes over the pictures; fractions allowed",
    fallback: "by the number of pictures, from 10 to 800; with --minutes, as many as fit",
  },
  minutes: {
    kind: numberWithin({ above: 0 }),
    help: "time for the whole command; epochs, image size and width are chosen to fit it on this machine",
    fallback: "no limit, about half an hour on four cores of a laptop",
  },
  batchSize: {
    kind: wholeNumber(2),
    help: "pictures per step",
    fallback: "128; with fewer than 512 pictures, a power of two from 16 on that gives four steps per epoch",
  },
  learningRate: {
    kind: numberWithin({ least: 0 }),
    help: "peak learning rate of the optimiser",
    fallback: "the method's own, scaled to the batch size",
  },
  imageSize: {
    kind: wholeNumber(1),
    help: "height and width of the encoder's input, in pixels",
    fallback: "by the number and size of the pictures",
  },
  seed: { kind: wholeNumber(0), help: "seed of all random numbers", fallback: "0" },
  provider: {
    kind: text("name"),
    help: "execution provider of ONNX Runtime: cpu, webgpu, cuda, … if available",
    fallback: "cpu",
  },
  threads: { kind: wholeNumber(1), help: "threads to compute with", fallback: "physical cores" },
  out: { kind: text("folder"), help: "run folder", fallback: "runs/<pictures>-<method>" },
  canvas: {
    kind: wholeNumber(2),
    help: "height and width of cached pictures, in pixels",
    fallback: "1.5 × the image size",
  },
  background: {
    kind: COLOUR,
    help: "colour behind transparent pixels: white, black, grey, #rrggbb, or auto",
    fallback: "auto: white, or black for a picture that would be hardly visible on white",
  },
  microBatch: {
    kind: wholeNumber(2),
    help: "pictures to compute at a time, to save memory; divides the batch size, and does not change its gradient",
    fallback: "the batch size",
  },
  width: {
    kind: numberWithin({ above: 0 }),
    help: "ResNet: multiplier of all widths",
    fallback: "by the number and size of the pictures",
  },
  stem: {
    kind: oneOf("name", Object.keys(STEMS) as (keyof typeof STEMS)[]),
    help: "ResNet: first layers",
    fallback: "cifar up to 32 pixels, otherwise imagenet",
  },
  norm: {
    kind: oneOf("name", Object.keys(NORMS) as (keyof typeof NORMS)[]),
    help: "ResNet: batch norm, group norm with standardised filters, or layer norm",
    fallback: "batch",
  },
  patch: {
    kind: wholeNumber(1),
    help: "ViT: height and width of a patch, in pixels",
    fallback: "16 from 128 pixels on, 8 from 64, otherwise 4",
  },
  dropPath: { kind: numberWithin({ least: 0, below: 1 }), help: "ViT: drop-path rate", fallback: "0.1" },
  labels: {
    kind: YES_OR_NO,
    help: "do not use folder names as labels for kNN during training",
    fallback: "use them",
  },
  monitorEvery: {
    kind: wholeNumber(0),
    help: "epochs between evaluations of kNN and health, 0 for never",
    fallback: "1, or at least a fortieth of a run of more than 40 epochs",
  },
  checkpointEvery: {
    kind: wholeNumber(1),
    help: "epochs between checkpoints",
    fallback: "as --monitor-every",
  },
  split: {
    kind: oneOf("split", SPLITS),
    help: "split to train on, if the pictures have splits, such as the folders train/, val/ and test/",
    fallback: "train, or all pictures if there is no such split",
  },
  allFiles: {
    kind: YES_OR_NO,
    help: "recognise pictures by their content, whatever the file name",
    fallback: "by the extension of the name",
  },
  cacheDir: {
    kind: text("folder"),
    help: "folder for the cache of decoded pictures",
    fallback: "$AFTERIMAGE_CACHE, or the user's cache folder",
  },
};

export const CHOICE_NAMES = Object.keys(CHOICES) as (keyof Chosen)[];

/** Choices in the form of the job, where the learning rate is one of the training settings. */
export function toJobChoices({ width, stem, norm, patch, dropPath, learningRate: _, ...rest }: Chosen) {
  const backboneOptions = withoutUndefined({ widthMultiplier: width, stem, norm, patch, dropPath });
  return { ...withoutUndefined(rest), backboneOptions };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}
