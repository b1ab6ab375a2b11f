/**
 * Methods: records that say what a method is called and where it comes from, what its settings are and what
 * they should be, and that make an objective from settings and situation.
 */
import type * as z from "zod";
import type { Backbone } from "../backbones/backbone.ts";
import type { AnyBackboneOptions } from "../backbones/backbone-options.ts";
import type { ProjectionHeadOptions } from "../nn/projection-head.ts";
import type { Objective } from "./objective.ts";
import type { Situation } from "./situation.ts";

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
  /**
   * How the learning rate falls after its warm-up: by a cosine (the default), or at every milestone at once.
   */
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

export interface SpreadBar {
  /** The name of a metric that the loss reports. */
  metric: string;
  least: number;
}

/** Kinds of warning during training. */
export type WarningKind = "collapsed-features" | "loss-at-collapse" | "loss-not-falling";

/**
 * A method. Only `name` and `objective` are required; `completeMethod` says what stands for the rest.
 *
 * @typeParam S the settings.
 */
export interface Method<S extends object = object> {
  readonly name: string;
  /**
   * Of a method of your own: the module that adds it, kept in the configuration of its runs to be read by
   * people. It is never imported by itself.
   */
  readonly module?: string;
  /** What trains, for complete settings. */
  objective(settings: S, situation: Situation): Objective;
  /** The name for people. Default: `name`. */
  readonly title?: string;
  readonly paper?: { title: string; authors: string; year: number; arxiv: string };
  /** The idea of the method, in one line. */
  readonly idea?: string;
  /** What the settings may be. Default: there are none. */
  readonly settings?: z.ZodType<S>;
  /** Complete settings that suit the situation. Default: what the schema has by default. */
  defaults?(situation: Situation): S;
  /** Default: AdamW as in short runs. */
  training?(settings: S, situation: Situation): TrainingDefaults;
  /** The default backbone. Default `resnet18`. */
  readonly backbone?: string;
  /** The only family of backbones that it can train. Default: any. */
  readonly family?: Backbone["family"];
  /** Options of the backbone that differ from its defaults; unknown ones are ignored. */
  readonly backboneOptions?: AnyBackboneOptions;
  /** The network that becomes the run's encoder. Default: the student. */
  readonly encoder?: "student" | "teacher";
  /**
   * The projection head under `head`, if it is one of `projectionHead`. Fine-tuning can keep its first
   * layers.
   *
   * @param features D, the width of the features.
   */
  projection?(settings: S, features: number): ProjectionHeadOptions;
  /** The number of its layers that fine-tuning keeps unless another is asked for. Default 0. */
  keptLayers?(settings: S): number;
  /** The encoder of a run, if it is more than the backbone; its weights are also under `backbone`. */
  encoderOf?(backbone: Backbone, settings: S): Backbone;
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
  /**
   * Whether it predicts pixels, positions or rotations instead of comparing embeddings. Papers evaluate the
   * features of such methods by fine-tuning, not by a linear probe.
   */
  readonly predictive?: true;
  /**
   * The value at which the loss stays when the representation has collapsed; null if unknown, the default.
   *
   * @param pictures their number in the data set.
   */
  collapsedLoss?(settings: S, batchSize: number, pictures: number): number | null;
  /**
   * Metrics of how much the compared embeddings vary within a batch, each with the value below which they
   * have collapsed. Embeddings may collapse long before the features do.
   *
   * @param pictures the number that is compared at once: the batch, or a micro-batch.
   */
  spread?(pictures: number): readonly SpreadBar[];
  /** Advice for each kind of warning, as clauses without a full stop. */
  readonly advice?: Readonly<Record<WarningKind, string>>;
}

/** A method of the catalogue, which says everything that people and defaults need to know of it. */
export type CatalogueMethod<S extends object = object> = Method<S> &
  Required<
    Pick<
      Method<S>,
      | "title"
      | "paper"
      | "idea"
      | "settings"
      | "defaults"
      | "training"
      | "backbone"
      | "collapsedLoss"
      | "advice"
    >
  >;
