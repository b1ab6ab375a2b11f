/** The interface of methods: a record that declares everything the trainer needs, and builds the loss. */
import type { z } from "zod";
import type { ViewSpec } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { BackboneOptions } from "../backbones/index.ts";
import type { Scope } from "../nn/scope.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Draw } from "./draw.ts";
import type { Memory, MemoryInputs } from "./memory.ts";
import type { Reconstruction } from "./reconstruction.ts";

/** Some pictures of a data set, on canvases as a data set gives them. */
export interface PictureSample {
  count: number;
  canvas: number;
  /** uint8 `[count, 3, canvas, canvas]`, each picture in the top left corner, zeros around it. */
  pictures: Uint8Array;
  /** In pixels, one a picture. */
  heights: Int32Array;
  widths: Int32Array;
}

/** The facts before training starts, on which defaults depend. */
export interface Situation {
  /** Pictures in the data set. */
  pictures: number;
  /** Height and width of the pictures that the encoder sees, in pixels; training views may be smaller. */
  imageSize: number;
  batchSize: number;
  /** Pictures that are computed at a time. Default: the batch. */
  microBatch?: number;
  /** Passes over the pictures; fractions allowed. */
  epochs: number;
  family: Backbone["family"];
  /** Heights and widths of views must be multiples of this: the patch of a ViT, 1 for a ResNet. */
  multipleOf: number;
  /** Whether the backbone has batch norm. */
  batchNorm: boolean;
  /** Size D of the backbone's feature vector. */
  features: number;
}

/** The length of training in steps. */
export interface Plan {
  steps: number;
  stepsPerEpoch: number;
  epochs: number;
  batchSize: number;
}

/** Views of one size, augmented together and stacked: `[V·B, 3, S, S]`, view-major. */
export interface ViewGroup {
  name: string;
  views: readonly ViewSpec[];
}

/** A value that changes with the step (0-based), fed to the graph by name. */
export type ScalarSchedule = (step: number) => number;

/** Optimiser settings of a method for a situation; all of them can be overridden in a configuration. */
export interface TrainingDefaults {
  optimizer: "sgd" | "lars" | "larc" | "adamw" | "muon";
  /** Peak learning rate, already scaled to the batch size. */
  learningRate: number;
  finalLearningRate: number;
  warmupEpochs: number;
  /** Whether the last step of the warm-up has the peak already (DINO), or only the step after it (SimCLR). */
  inclusiveWarmup: boolean;
  weightDecay: number;
  /** Weight decay at the end, reached by a cosine; equal to `weightDecay` for none. */
  finalWeightDecay: number;
  /** Largest norm of each parameter's gradient, null for no clipping. */
  clip: number | null;
  /** How the learning rate falls after its warm-up: by a cosine (the default), or at every milestone at once. */
  decay?: "cosine" | "steps";
  /** Shares of the run after which the rate falls. */
  milestones?: readonly number[];
  /** Factor of the rate at a milestone; a tenth by default. */
  milestoneFactor?: number;
  /** Whether biases and norms decay too. */
  decayAll?: boolean;
  /** Whether SGD and LARS look ahead by their momentum. */
  nesterov?: boolean;
  /** LARS: whether the learning rate is inside the momentum, as by default, or multiplies it. */
  rateInMomentum?: boolean;
  /** AdamW's share of the old second moment. */
  beta2?: number;
}

/** The network's outputs by name, each with one row for each view, view-major: `[V·B, …]`. */
export type Embeddings = Readonly<Record<string, Tensor>>;

/** The context of both stages of a method. */
export interface StageContext<S> {
  settings: S;
  /** The root of the learning network: `backbone` and `head` live under it, state of the loss under `loss`. */
  scope: Scope;
  batchSize: number;
  /** The scheduled scalars, by the names given in `scalars`. */
  scalars: Readonly<Record<string, Tensor>>;
  /** The host's draws for this stage, by name. */
  draws: Readonly<Record<string, Tensor>>;
}

export interface LossContext<S> extends StageContext<S> {
  /** Tables that outlive the step, by name. */
  memories: Readonly<Record<string, MemoryInputs>>;
}

export interface EmbedContext<S> extends StageContext<S> {
  /** The root of the moving average, for methods that have one. */
  teacher: Scope | null;
  backbone: Backbone;
  /** One stack of views per group, `[V·B, 3, S, S]`. */
  views: Readonly<Record<string, Tensor>>;
}

export interface LossResult {
  /** The scalar to minimise. */
  loss: Tensor;
  /** Scalars worth looking at, by name. */
  metrics: Readonly<Record<string, Tensor>>;
  /** Rows to write to the method's memories, `[n, D]`; for a bank n is B, in the batch's order. */
  writes?: Readonly<Record<string, Tensor>>;
}

/** Parameters under `prefix` are frozen while the scalar `gate` is 0, and learn as usual while it is 1. */
export interface Gate {
  prefix: string;
  gate: string;
}

/** A separate learning rate for some parameters. */
export interface Rate<S extends object = object> {
  applies(parameter: { path: string; decays: boolean }): boolean;
  /**
   * A scheduled scalar that multiplies the learning rate, or a constant for each parameter that does; or `peak`: the rate
   * without warm-up and decay.
   */
  by:
    | { scalar: string }
    | { factor(path: string, run: { settings: S; backbone: Backbone }): number }
    | "peak";
}

/** A projection of parameters after every update, such as to length 1. */
export interface Constraint {
  prefix: string;
  project(value: Tensor): Tensor;
}

export interface SpreadBar {
  /** The name of a metric that the loss reports. */
  metric: string;
  least: number;
}

export interface Method<S extends object = object> {
  readonly name: string;
  readonly title: string;
  readonly paper: { title: string; authors: string; year: number; arxiv: string };
  /** The idea of the method, in one line. */
  readonly idea: string;
  readonly settings: z.ZodType<S>;
  /** The default backbone. */
  readonly backbone: string;
  /** The only family of backbones that it can train. Default: any. */
  readonly family?: Backbone["family"];
  /** Complete settings that suit the situation. */
  defaults(situation: Situation): S;
  training(settings: S, situation: Situation): TrainingDefaults;
  views(settings: S, situation: Situation): readonly ViewGroup[];
  /** Scheduled scalars beside the learning rate and weight decay. `teacher_momentum` moves the teacher. */
  scalars(settings: S, plan: Plan): Readonly<Record<string, ScalarSchedule>>;
  /** The network that becomes the run's encoder. A method with a teacher says so in `hasTeacher`. */
  readonly encoder: "student" | "teacher";
  readonly hasTeacher: boolean;
  readonly gates: readonly Gate[];
  /** A parameter uses the first rate that applies to it. */
  readonly rates?: readonly Rate<S>[];
  readonly constraints?: readonly Constraint[];
  /** Options of the backbone that differ from its defaults; unknown ones are ignored. */
  readonly backboneOptions?: Partial<Omit<BackboneOptions, "imageSize">>;
  /** The host's draws for every step, in addition to views. */
  draws?(settings: S, situation: Situation): readonly Draw[];
  /** Tables on the host. A method with memories couples the batch. */
  memories?(settings: S, situation: Situation): readonly Memory[];
  /**
   * Looks at a sample of the pictures before a run is started.
   *
   * @returns a note about them for the user, as a clause; null for none.
   * @throws AfterimageError `method/pictures` for pictures from which the method cannot learn.
   */
  examine?(sample: PictureSample, settings: S): string | null;
  /** Notes for the user about a run with these settings, as clauses. */
  remarks?(settings: S, situation: Situation): readonly string[];
  /** The number of pictures whose statistics batch norm shares. Default: the micro-batch. */
  batchNormSees?(settings: S, pictures: number): number;
  /** The encoder of a run, if it is more than the backbone; its weights are also under `backbone`. */
  encoderOf?(backbone: Backbone, settings: S): Backbone;
  /**
   * Whether it predicts pixels, positions or rotations instead of comparing embeddings. Papers evaluate the
   * features of such methods by fine-tuning, not by a linear probe.
   */
  readonly predictive?: true;
  /** Whether the loss couples the pictures of a batch, so that it is not the mean of the losses of its parts. */
  readonly couplesBatch: boolean;
  /**
   * The value at which the loss stays when the representation has collapsed; null if unknown.
   *
   * @param pictures their number in the data set.
   */
  collapsedLoss(settings: S, batchSize: number, pictures: number): number | null;
  /**
   * Metrics of how much the compared embeddings vary within a batch, each with the value below which they
   * have collapsed. Embeddings may collapse long before the features do.
   *
   * @param pictures the number that is compared at once: the batch, or a micro-batch.
   */
  spread?(pictures: number): readonly SpreadBar[];
  /** Advice for each kind of warning, as clauses without a full stop. */
  readonly advice: Readonly<Record<"collapsed-features" | "loss-at-collapse" | "loss-not-falling", string>>;
  /**
   * The networks: from views to the embeddings that the loss compares. Pictures are independent, except in
   * batch norm.
   */
  embed(context: EmbedContext<S>): Embeddings;
  /** The loss of a batch: a pure function of the embeddings and of declared state. */
  loss(embeddings: Embeddings, context: LossContext<S>): LossResult;
  /** Reconstructions of partly hidden pictures, for people to look at; the views are whole pictures then. */
  reconstruct?(context: EmbedContext<S>): Reconstruction;
}
