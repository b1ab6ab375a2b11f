/** Both stages of a step in the graph: from pictures to embeddings, and from embeddings to the loss. */
import { augmentViews } from "../augment/augment-views.ts";
import { maskViews } from "../augment/view-masks.ts";
import { PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { AfterimageError } from "../errors.ts";
import { Scope } from "../nn/scope.ts";
import type { Variables } from "../nn/variables.ts";
import type { CompleteObjective } from "../objectives/complete-objective.ts";
import type { Draw } from "../objectives/draw.ts";
import { type Memory, type MemoryInputs, rowsSeen } from "../objectives/memory.ts";
import type {
  EmbedContext,
  Embeddings,
  LossContext,
  LossResult,
  ViewGroup,
} from "../objectives/objective.ts";
import type { PixelTarget, RowTarget } from "../objectives/target.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import type { Dialect } from "../runtime/dialect.ts";
import { input, type Tensor } from "../tensor/index.ts";
import { averageAll } from "./average-all.ts";
import {
  DRAW,
  MEMORY_INPUT,
  memoryPath,
  prefixed,
  SCALAR,
  stripped,
  TARGET,
  TEACHER,
  VIEW,
  without,
} from "./graph-names.ts";

/** What a step is built from. */
export interface StepOptions {
  objective: CompleteObjective;
  backbone: Backbone;
  optimizer: OptimizerRule;
  /** Largest norm of each parameter's gradient; null for no clipping. */
  clip: number | null;
  /** Whether biases and norms decay too. */
  decayAll: boolean;
  /** Pictures in the data set. */
  pictures: number;
  canvas: number;
  /** Pictures of an optimiser step. */
  batchSize: number;
  /** Pictures that are computed at a time; divides the batch size. */
  microBatch: number;
  /** Names of the scheduled scalars. */
  scalarNames: readonly string[];
  /** How the graphs are written: see `dialectOf`. */
  dialect: Dialect;
}

export type Scalars = Readonly<Record<string, Tensor>>;

/** What both stages of a step share. */
export interface Stage {
  variables: Variables;
  scalars: Scalars;
}

export function scalarInputs(names: readonly string[]): Scalars {
  return Object.fromEntries(names.map((name) => [name, input(`${SCALAR}${name}`, [])]));
}

/** The parameters of views, by group and view: `[count, PARAMETER_COUNT]` each. */
type ViewParameters = Readonly<Record<string, readonly Tensor[]>>;

/** The views of `count` pictures by group, `[V·B, 3, S, S]`: the input of the network. */
export type ViewSource = (
  options: StepOptions,
  count: number,
  parameters: ViewParameters,
) => Readonly<Record<string, Tensor>>;

/** Views made from pictures, in the graph. */
export const augmentedViews: ViewSource = ({ objective, canvas }, count, parameters) => {
  const pictures = input("pictures", [count, 3, canvas, canvas], "uint8");
  return Object.fromEntries(
    objective.views.map(({ name, views }) => [name, augmentViews(pictures, parameters[name]!, views)]),
  );
};

/** Inputs for the parameters of the objective's views. */
export function viewParameters({ objective }: StepOptions, count: number): ViewParameters {
  return Object.fromEntries(
    objective.views.map(({ name, views }) => [
      name,
      views.map((_, i) => input(`${VIEW}${name}.${i}`, [count, PARAMETER_COUNT])),
    ]),
  );
}

/**
 * Embeds the views of `count` pictures. Two kinds of inputs of the loss are among the embeddings: targets of
 * pixels, which get the views' crops, as `target:<name>`, and draws of both stages as `draw:<name>`.
 */
export function embed(
  options: StepOptions,
  count: number,
  { variables, scalars }: Stage,
  viewSource: ViewSource = augmentedViews,
): Embeddings {
  const parameters = viewParameters(options, count);
  const views = viewSource(options, count, parameters);
  const context = embedContext(options, { count, variables, scalars, views, training: true });
  const pixels = pixelTargets(options, count, parameters);
  const shared = options.objective.draws.filter(({ stage }) => stage === "both");
  const draws = shared.map(({ name }) => [name, context.draws[name]!] as const);
  const embedded = options.objective.embed(context);
  averageAll(options.objective, { variables, scalars });
  return {
    ...embedded,
    ...prefixed(TARGET, pixels),
    ...prefixed(DRAW, Object.fromEntries(draws)),
  };
}

/** The loss of `count` pictures, with metrics and writes. */
export function lossOf(
  options: StepOptions,
  embeddings: Embeddings,
  count: number,
  stage: Stage,
): LossResult {
  const { objective } = options;
  const targets = { ...rowTargets(objective.targets, count), ...stripped(TARGET, embeddings) };
  const context = lossContext(options, count, stage);
  const draws = { ...context.draws, ...stripped(DRAW, embeddings) };
  const result = objective.loss(without(without(embeddings, TARGET), DRAW), { ...context, draws, targets });
  averageAll(objective, stage);
  return result;
}

/**
 * The context in which an objective embeds `count` pictures. In evaluation there is no noise and nothing
 * learns.
 */
export function embedContext(
  { objective, backbone }: Pick<StepOptions, "objective" | "backbone">,
  step: Stage & { count: number; views: Readonly<Record<string, Tensor>>; training: boolean },
): EmbedContext {
  const { count, variables, scalars, views, training } = step;
  const teacher = objective.teacher ? new Scope(variables, TEACHER, { training, trainable: false }) : null;
  const scope = new Scope(variables, "", { training, trainable: training });
  return {
    ...{ scope, teacher, backbone, views, scalars },
    batchSize: count,
    draws: drawInputs(objective.draws, ["embed", "both"], count),
  };
}

/** The inputs of the loss in addition to embeddings and targets. */
function lossContext(
  { objective, pictures }: StepOptions,
  batchSize: number,
  { variables, scalars }: Stage,
): Omit<LossContext, "targets"> {
  const { draws, memories } = objective;
  return {
    ...{ scope: new Scope(variables, "", { training: true, trainable: true }), batchSize, scalars },
    draws: drawInputs(draws, ["loss"], batchSize),
    memories: Object.fromEntries(memories.map((m) => [m.name, memoryInputs(m, batchSize, pictures)])),
  };
}

function rowTargets(targets: CompleteObjective["targets"], count: number): Record<string, Tensor> {
  const rows = targets.filter((target): target is RowTarget => target.per === "picture");
  return Object.fromEntries(
    rows.map(({ name, shape, dtype }) => [name, input(`${TARGET}${name}`, [count, ...shape], dtype)]),
  );
}

/** Masks with the crop and the flip of a group of views, int32 `[V·B, S, S]`. */
function pixelTargets(
  { objective, canvas }: StepOptions,
  count: number,
  parameters: ViewParameters,
): Record<string, Tensor> {
  const pixels = objective.targets.filter((target): target is PixelTarget => target.per === "pixel");
  return Object.fromEntries(
    pixels.map(({ name, views }) => {
      const masks = input(`${TARGET}${name}`, [count, canvas, canvas], "uint8");
      return [name, maskViews(masks, parameters[views]!, groupNamed(objective, name, views).views)];
    }),
  );
}

function groupNamed({ views }: CompleteObjective, target: string, wanted: string): ViewGroup {
  const group = views.find(({ name }) => name === wanted);
  if (group !== undefined) return group;
  throw new AfterimageError("method/objective", {
    what: "a target of pixels names a group of views that there is not",
    where: target,
    expected: `one of ${views.map(({ name }) => name).join(", ")}`,
    got: wanted,
  });
}

function drawInputs(
  draws: readonly Draw[],
  stages: readonly Draw["stage"][],
  count: number,
): Record<string, Tensor> {
  const own = draws.filter(({ stage }) => stages.includes(stage));
  return Object.fromEntries(
    own.map(({ name, shape, dtype }) => [name, input(`${DRAW}${name}`, shape(count), dtype)]),
  );
}

function memoryInputs(memory: Memory, batchSize: number, pictures: number): MemoryInputs {
  const { name, width } = memory;
  const seen = rowsSeen(memory, pictures);
  if (memory.kind === "queue") return { size: seen, rows: input(memoryPath(name), [seen, width]) };
  const own = input(`${MEMORY_INPUT.own}${name}`, [batchSize, width]);
  const size = pictures;
  if (seen < pictures) return { size, rows: input(`${MEMORY_INPUT.pool}${name}`, [seen, width]), own };
  const places = input(`${MEMORY_INPUT.places}${name}`, [batchSize], "int32");
  return { size, rows: input(memoryPath(name), [pictures, width]), own, places };
}
