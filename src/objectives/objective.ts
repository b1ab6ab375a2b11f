/**
 * What trains: from views to embeddings, from embeddings to a loss, and a declaration of everything else that
 * a step needs. Only `embed` and `loss` are required.
 */
import type { ViewSpec } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { Scope } from "../nn/scope.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Draw } from "./draw.ts";
import type { Memory, MemoryInputs } from "./memory.ts";
import type { Reconstruction } from "./reconstruction.ts";
import type { Plan, ScalarSchedule } from "./situation.ts";
import type { Target } from "./target.ts";

/** Views of one size, augmented together and stacked: `[V·B, 3, S, S]`, view-major. */
export interface ViewGroup {
  name: string;
  views: readonly ViewSpec[];
}

/** The network's outputs by name, each with one row for each view, view-major: `[V·B, …]`. */
export type Embeddings = Readonly<Record<string, Tensor>>;

/** The context of both stages of an objective. */
export interface StageContext {
  /**
   * The root of the learning network: `backbone` and `head` live under it, state of the loss under `loss`.
   */
  scope: Scope;
  batchSize: number;
  /** The scheduled scalars, by the names given in `scalars`. */
  scalars: Readonly<Record<string, Tensor>>;
  /** The host's draws for this stage, by name. */
  draws: Readonly<Record<string, Tensor>>;
}

export interface LossContext extends StageContext {
  /** Tables that outlive the step, by name. */
  memories: Readonly<Record<string, MemoryInputs>>;
  /**
   * The declared targets, by name: `[B, …]` of a {@link RowTarget}, int32 `[V·B, S, S]` of a
   * {@link PixelTarget}.
   */
  targets: Readonly<Record<string, Tensor>>;
}

export interface EmbedContext extends StageContext {
  /** The root of the moving average, for objectives that have a teacher. */
  teacher: Scope | null;
  backbone: Backbone;
  /** One stack of views per group, `[V·B, 3, S, S]`. */
  views: Readonly<Record<string, Tensor>>;
}

export interface LossResult {
  /** The scalar to minimise. */
  loss: Tensor;
  /** Scalars worth looking at, by name. */
  metrics?: Readonly<Record<string, Tensor>>;
  /** Rows to write to the memories, `[n, D]`; for a bank n is B, in the batch's order. */
  writes?: Readonly<Record<string, Tensor>>;
}

/** Parameters under `prefix` are frozen while the scalar `gate` is 0, and learn as usual while it is 1. */
export interface Gate {
  prefix: string;
  gate: string;
}

/** A separate learning rate for some parameters. */
export interface Rate {
  applies(parameter: { path: string; decays: boolean }): boolean;
  /**
   * A scheduled scalar that multiplies the learning rate, or a constant for each parameter that does; or
   * `peak`: the rate without warm-up and decay.
   */
  by: { scalar: string } | { factor(path: string, backbone: Backbone): number } | "peak";
}

/** A projection of parameters after every update, such as to length 1. */
export interface Constraint {
  prefix: string;
  project(value: Tensor): Tensor;
}

/** A moving average of the whole learning network. */
export interface Teacher {
  /** Share of the teacher's old weights that is kept at each step, in [0, 1]. */
  momentum(plan: Plan): ScalarSchedule;
  /**
   * Whether it averages every parameter and every state of the network, among them the statistics of batch
   * norm, without being built by the objective. The average is for use after training (timm's `ModelEma`).
   */
  readonly averagesAll?: true;
}

/**
 * @throws AfterimageError `method/objective`, when a step is built, for a gate, a rate or a constraint that
 * applies to no parameter.
 */
export interface Objective {
  /** Views of each picture. Default: the central square as encoders see it, in a group called `picture`. */
  readonly views?: readonly ViewGroup[];
  /** What the loss compares with, from the data set. */
  readonly targets?: readonly Target[];
  /** The host's draws for every step, in addition to views. */
  readonly draws?: readonly Draw[];
  /** Tables on the host. An objective with memories couples the batch. */
  readonly memories?: readonly Memory[];
  /** Scheduled scalars beside the learning rate and weight decay. */
  scalars?(plan: Plan): Readonly<Record<string, ScalarSchedule>>;
  readonly gates?: readonly Gate[];
  /** A parameter uses the first rate that applies to it. */
  readonly rates?: readonly Rate[];
  readonly constraints?: readonly Constraint[];
  readonly teacher?: Teacher;
  /**
   * The path of a network that another run trained and that no step changes, such as one to imitate. Whoever
   * trains sets its values, and states of the run leave them out.
   */
  readonly given?: string;
  /**
   * Whether the loss compares the pictures of a batch with each other. `false` says that it is the mean of
   * the losses of the batch's parts, which saves a pass when a step is computed in parts. Default true, which
   * is right for any loss.
   */
  readonly couplesBatch?: boolean;
  /**
   * The networks: from views to the embeddings that the loss compares. Pictures are independent, except in
   * batch norm.
   */
  embed(context: EmbedContext): Embeddings;
  /** The loss of a batch: a pure function of the embeddings and of declared state. */
  loss(embeddings: Embeddings, context: LossContext): LossResult;
  /** Reconstructions of partly hidden pictures, for people to look at; the views are whole pictures then. */
  reconstruct?(context: EmbedContext): Reconstruction;
}
