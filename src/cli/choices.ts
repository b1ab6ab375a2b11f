/** The choices of `afterimage pretrain`, each once: its flag, its entry in a configuration file, its help. */
import type { PretrainOptions } from "../jobs/pretrain.ts";
import { numberWithin, oneOf, text, type ValueKind, wholeNumber, YES_OR_NO } from "../jobs/value-kinds.ts";

type BackboneOptions = NonNullable<PretrainOptions["backboneOptions"]>;

/** The choices as flags and files name them. */
export interface Chosen
  extends Pick<
      PretrainOptions,
      | "method"
      | "epochs"
      | "batchSize"
      | "imageSize"
      | "seed"
      | "threads"
      | "provider"
      | "out"
      | "canvas"
      | "microBatch"
      | "backbone"
      | "labels"
      | "monitorEvery"
      | "checkpointEvery"
      | "cacheDir"
    >,
    Pick<BackboneOptions, "patch" | "stem" | "norm" | "dropPath"> {
  width?: number;
  /** The same as `training.learningRate`: what is changed first. */
  learningRate?: number;
}

export interface Choice<T = unknown> {
  readonly kind: ValueKind<T>;
  readonly help: string;
  /** What happens when nothing is said, for the help; decided in `jobs/configure.ts`. */
  readonly fallback: string;
}

const NORMS: Record<NonNullable<BackboneOptions["norm"]>, true> = { batch: true, group: true, layer: true };
const STEMS: Record<NonNullable<BackboneOptions["stem"]>, true> = { cifar: true, imagenet: true };

export const CHOICES: { readonly [K in keyof Required<Chosen>]: Choice<NonNullable<Chosen[K]>> } = {
  method: { kind: text("name"), help: "how to learn; see afterimage methods", fallback: "simclr" },
  backbone: {
    kind: text("name"),
    help: "what learns; see afterimage backbones",
    fallback: "that of the method; see afterimage methods",
  },
  epochs: {
    kind: numberWithin({ above: 0 }),
    help: "times every picture is looked at; a fraction ends within an epoch",
    fallback: "100",
  },
  batchSize: {
    kind: wholeNumber(2),
    help: "pictures in a step",
    fallback: "128; below 512 pictures a power of two that makes four steps of an epoch, 16 or more",
  },
  learningRate: {
    kind: numberWithin({ least: 0 }),
    help: "highest learning rate of the optimiser",
    fallback: "of the method, for the batch size; see afterimage methods",
  },
  imageSize: {
    kind: wholeNumber(1),
    help: "height and width of the pictures that the encoder sees, in pixels",
    fallback: "64",
  },
  seed: { kind: wholeNumber(0), help: "start of all randomness", fallback: "0" },
  provider: {
    kind: text("name"),
    help: "what computes: cpu, webgpu, cuda, … where they work",
    fallback: "cpu",
  },
  threads: { kind: wholeNumber(1), help: "threads to compute with", fallback: "physical cores" },
  out: { kind: text("folder"), help: "run folder", fallback: "runs/<pictures>-<method>" },
  canvas: {
    kind: wholeNumber(2),
    help: "height and width that pictures are cached at, in pixels",
    fallback: "1.5 × the image size",
  },
  microBatch: {
    kind: wholeNumber(2),
    help: "pictures computed with at a time, to save memory; the gradient is that of the whole batch",
    fallback: "the batch size",
  },
  width: {
    kind: numberWithin({ above: 0 }),
    help: "ResNet: multiplier of all widths",
    fallback: "1",
  },
  stem: {
    kind: oneOf("name", Object.keys(STEMS) as (keyof typeof STEMS)[]),
    help: "ResNet: first layers",
    fallback: "cifar up to 64 pixels, else imagenet",
  },
  norm: {
    kind: oneOf("name", Object.keys(NORMS) as (keyof typeof NORMS)[]),
    help: "ResNet: batch norm, group norm with standardised filters, or layer norm",
    fallback: "batch",
  },
  patch: {
    kind: wholeNumber(1),
    help: "ViT: height and width of a patch, in pixels",
    fallback: "16 from 128 pixels on, 8 from 64, else 4",
  },
  dropPath: { kind: numberWithin({ least: 0, below: 1 }), help: "ViT: drop-path rate", fallback: "0.1" },
  labels: {
    kind: YES_OR_NO,
    help: "do not use folder names as labels for kNN while training",
    fallback: "use them",
  },
  monitorEvery: {
    kind: wholeNumber(0),
    help: "epochs between looks at kNN and health, 0 for never",
    fallback: "1",
  },
  checkpointEvery: { kind: wholeNumber(1), help: "epochs between checkpoints", fallback: "1" },
  cacheDir: {
    kind: text("folder"),
    help: "where decoded pictures are kept",
    fallback: "$AFTERIMAGE_CACHE, or the user's cache folder",
  },
};

export const CHOICE_NAMES = Object.keys(CHOICES) as (keyof Chosen)[];

/** Choices as the job wants them; the learning rate is among the settings of the training there. */
export function toJobChoices({ width, stem, norm, patch, dropPath, learningRate: _, ...rest }: Chosen) {
  const backboneOptions = withoutUndefined({ widthMultiplier: width, stem, norm, patch, dropPath });
  return { ...withoutUndefined(rest), backboneOptions };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}
