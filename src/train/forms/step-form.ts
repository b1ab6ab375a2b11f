/** A step in one of its forms: as one graph, or in parts whose gradients are summed. */
import type { Batch, BatchPart } from "../../data/loader.ts";
import type { MaskDraw, Variable } from "../../nn/variables.ts";
import type { Feeds, Results, SessionOptions } from "../../runtime/session.ts";
import type { Program } from "../../tensor/index.ts";
import type { Peers } from "../peers.ts";

/** The variables that a step's graphs declare. */
export interface StepVariables {
  variables: readonly Variable[];
  /** Shapes of the optimiser's slots, by path. */
  slots: ReadonlyMap<string, readonly number[]>;
  masks: readonly MaskDraw[];
}

/** The inputs of a step. */
export interface StepInput {
  batch: Batch;
  /** Variables and slots before the step, and the step's scalars. */
  values: Feeds;
  /** Inputs of the embedding of a part: pictures, views, masks, draws, targets of pixels. */
  feedsOf(part: BatchPart): Feeds;
  /** Inputs of the loss in addition to embeddings: draws, memories, rows of targets. */
  lossFeedsOf(pictures: LossPictures): Feeds;
}

/** The pictures of a loss: a batch, or a part of it. */
export type LossPictures = Pick<BatchPart, "start" | "indices" | "targets">;

export interface LoadedStep {
  /** Loss, metrics and gradient norm under their names, next values under `next:<path>`. */
  run(input: StepInput): Promise<Results>;
  release(): Promise<void>;
}

/** A built step: its graphs, not yet loaded. */
export interface StepForm {
  readonly graph: StepVariables;
  /** The programs that are in memory at the same time. */
  readonly held: readonly Program[];
  load(options: FormOptions): Promise<LoadedStep>;
}

export interface FormOptions extends SessionOptions {
  /** A part's program of fewer bytes stays loaded; larger ones are loaded only while they are used. */
  light: number;
  peers: Peers;
}

/** The whole batch, as the loss of all pictures sees it. */
export function allOf({ indices, targets }: Batch): LossPictures {
  return { start: 0, indices, targets };
}
