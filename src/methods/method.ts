/** What a method is: a record that declares everything the trainer needs to know, and builds its loss. */
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

/** What is known before training starts, from which defaults follow. */
export interface Situation {
  /** Pictures in the data set. */
  pictures: number;
  /** Height and width of the pictures that the encoder sees, in pixels; training views may be smaller. */
  imageSize: number;
  batchSize: number;
  /** Pictures that are computed with at a time; all of a batch if left out. */
  microBatch?: number;
  /** How often every picture is seen; fractions too. */
  epochs: number;
  family: Backbone["family"];
  /** Heights and widths of views must be multiples of this: the patch of a ViT, 1 for a ResNet. */
  multipleOf: number;
  /** Whether the backbone has batch norm. */
  batchNorm: boolean;
  /** Size D of the backbone's feature vector. */
  features: number;
}

/** The course of training in steps. */
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
  /** Shares of the run after which it falls. */
  milestones?: readonly number[];
  /** What is left of the rate at a milestone; a tenth by default. */
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

/** What the network makes of the views, by name: each with the rows of the views it is of, view-major, `[V·B, …]`. */
export type Embeddings = Readonly<Record<string, Tensor>>;

/** What both stages of a method see. */
export interface StageContext<S> {
  settings: S;
  /** The root of the learning network: `backbone` and `head` live under it, state of the loss under `loss`. */
  scope: Scope;
  batchSize: number;
  /** The scheduled scalars, by the names given in `scalars`. */
  scalars: Readonly<Record<string, Tensor>>;
  /** What the host drew for this stage, by name. */
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
  /** Rows to be written to the method's memories, `[n, D]`; of pictures' own rows n is B, in the batch's order. */
  writes?: Readonly<Record<string, Tensor>>;
}

/** Parameters under `prefix` stand still while the scalar `gate` is 0, and move as usual while it is 1. */
export interface Gate {
  prefix: string;
  gate: string;
}

/** A learning rate of their own for some parameters. */
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

/** Parameters that are brought back after every update to where they must lie, such as to length 1. */
export interface Constraint {
  prefix: string;
  project(value: Tensor): Tensor;
}

export interface SpreadBar {
  /** One that the loss reports. */
  metric: string;
  least: number;
}

export interface Method<S extends object = object> {
  readonly name: string;
  readonly title: string;
  readonly paper: { title: string; authors: string; year: number; arxiv: string };
  /** What makes it itself, in one line. */
  readonly idea: string;
  readonly settings: z.ZodType<S>;
  /** The backbone that it is trained with where none is chosen. */
  readonly backbone: string;
  /** The only kind of backbone that it can learn with; any if left out. */
  readonly family?: Backbone["family"];
  /** Complete settings that suit the situation. */
  defaults(situation: Situation): S;
  training(settings: S, situation: Situation): TrainingDefaults;
  views(settings: S, situation: Situation): readonly ViewGroup[];
  /** Scheduled scalars beside the learning rate and weight decay. `teacher_momentum` moves the teacher. */
  scalars(settings: S, plan: Plan): Readonly<Record<string, ScalarSchedule>>;
  /** Which network the run's encoder is. A method whose answer is `teacher` or that uses one says so in `hasTeacher`. */
  readonly encoder: "student" | "teacher";
  readonly hasTeacher: boolean;
  readonly gates: readonly Gate[];
  /** The first that applies to a parameter is its own. */
  readonly rates?: readonly Rate<S>[];
  readonly constraints?: readonly Constraint[];
  /** Options of the backbone that differ from its own defaults; those that it does not know are left out. */
  readonly backboneOptions?: Partial<Omit<BackboneOptions, "imageSize">>;
  /** What the host draws for every step beside views. */
  draws?(settings: S, situation: Situation): readonly Draw[];
  /** Tables kept on the host. A method with such couples the batch. */
  memories?(settings: S, situation: Situation): readonly Memory[];
  /**
   * Looks at a sample of the pictures before a run is started.
   *
   * @returns what its user should know of them, in a clause; null for nothing.
   * @throws AfterimageError `method/pictures` for pictures that hold nothing that the method could learn from.
   */
  examine?(sample: PictureSample, settings: S): string | null;
  /** What its user should know of a run with these settings, in clauses. */
  remarks?(settings: S, situation: Situation): readonly string[];
  /** How many of the pictures that are computed with at a time batch norm sees together; all of them if left out. */
  batchNormSees?(settings: S, pictures: number): number;
  /** The encoder that a run gives, where it is more than the backbone: its weights are those under `backbone` too. */
  encoderOf?(backbone: Backbone, settings: S): Backbone;
  /**
   * Whether it foretells pixels, places or turns rather than compare embeddings. Papers judge the features of such methods by
   * fine-tuning, not by a linear probe.
   */
  readonly predictive?: true;
  /** Whether the loss couples the pictures of a batch, so that it is not the mean of the losses of its parts. */
  readonly couplesBatch: boolean;
  /**
   * The value the loss takes, and stays at, when the representation has collapsed; null when unknown.
   *
   * @param pictures how many there are in the data set.
   */
  collapsedLoss(settings: S, batchSize: number, pictures: number): number | null;
  /**
   * Metrics that say how far what the loss compares differs from picture to picture in a batch, and below what each of
   * them is collapse: that may be so long before the encoder's features are alike.
   *
   * @param pictures how many are compared at once: the batch, or a part of it.
   */
  spread?(pictures: number): readonly SpreadBar[];
  /** What to change when training looks wrong, as clauses without a full stop. */
  readonly advice: Readonly<Record<"collapsed-features" | "loss-at-collapse" | "loss-not-falling", string>>;
  /** The networks: from views to what the loss compares. Each picture by itself, but for batch norm. */
  embed(context: EmbedContext<S>): Embeddings;
  /** The loss of a batch; a pure function of what was embedded and of declared state. */
  loss(embeddings: Embeddings, context: LossContext<S>): LossResult;
  /** What it makes of pictures that it sees in part, for people to look at; its views are whole pictures then. */
  reconstruct?(context: EmbedContext<S>): Reconstruction;
}
