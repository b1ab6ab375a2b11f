/** The network of a step: from pictures to what the loss compares. */
import { augmentViews } from "../augment/augment-views.ts";
import { PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { Draw } from "../methods/draw.ts";
import { type Memory, type MemoryInputs, rowsSeen } from "../methods/memory.ts";
import type { EmbedContext, Embeddings, LossContext, Method, ViewGroup } from "../methods/method.ts";
import { Scope } from "../nn/scope.ts";
import type { Variables } from "../nn/variables.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import type { Dialect } from "../runtime/dialect.ts";
import { input, type Tensor } from "../tensor/index.ts";

export interface StepOptions {
  method: Method;
  settings: object;
  backbone: Backbone;
  groups: readonly ViewGroup[];
  draws: readonly Draw[];
  memories: readonly Memory[];
  optimizer: OptimizerRule;
  clip: number | null;
  /** Whether biases and norms decay too. */
  decayAll: boolean;
  /** Pictures in the data set. */
  pictures: number;
  canvas: number;
  /** Pictures of an optimiser step. */
  batchSize: number;
  /** Pictures that are computed with at a time; divides the batch size. */
  microBatch: number;
  /** Names of the method's scheduled scalars. */
  scalarNames: readonly string[];
  /** How the graphs are written: see `dialectOf`. */
  dialect: Dialect;
}

/** Where the moving average lives, beside the network that learns. */
export const TEACHER = "teacher";

/** Names of a memory's inputs beside its rows, which go by the name of the value: `memory.<name>`. */
export const MEMORY_INPUT = { own: "own:", pool: "pool:", places: "places:" } as const;
/** Prefix of a graph output that holds rows to be written to the memory it names. */
export const WRITE = "write:";
export const DRAW = "draw:";

/** Where a memory's rows stand among a run's values. */
export function memoryPath(name: string): string {
  return `memory.${name}`;
}

export type Scalars = Readonly<Record<string, Tensor>>;

export function scalarInputs(names: readonly string[]): Scalars {
  return Object.fromEntries(names.map((name) => [name, input(`scalar:${name}`, [])]));
}

/** The views of `count` pictures by group, `[V·B, 3, S, S]`: what a step is given to learn from. */
export type ViewSource = (options: StepOptions, count: number) => Readonly<Record<string, Tensor>>;

/** Views as they are made of pictures, in the graph. */
export const augmentedViews: ViewSource = ({ groups, canvas }, count) => {
  const pictures = input("pictures", [count, 3, canvas, canvas], "uint8");
  return Object.fromEntries(
    groups.map(({ name, views: specs }) => {
      const parameters = specs.map((_, i) => input(`view:${name}.${i}`, [count, PARAMETER_COUNT]));
      return [name, augmentViews(pictures, parameters, specs)];
    }),
  );
};

/** Embeds the views of `count` pictures. */
export function embed(
  options: StepOptions,
  count: number,
  variables: Variables,
  scalars: Scalars,
  viewSource: ViewSource = augmentedViews,
): Embeddings {
  const views = viewSource(options, count);
  return options.method.embed(embedContext(options, { count, variables, scalars, views, training: true }));
}

/** What a method embeds `count` pictures with; in evaluation nothing is noisy and nothing learns. */
export function embedContext(
  { method, settings, backbone, draws }: StepOptions,
  step: {
    count: number;
    variables: Variables;
    scalars: Scalars;
    views: Readonly<Record<string, Tensor>>;
    training: boolean;
  },
): EmbedContext<object> {
  const { count, variables, scalars, views, training } = step;
  const teacher = method.hasTeacher ? new Scope(variables, TEACHER, { training, trainable: false }) : null;
  const scope = new Scope(variables, "", { training, trainable: training });
  return {
    ...{ settings, scope, teacher, backbone, views, scalars },
    batchSize: count,
    draws: drawInputs(draws, "embed", count),
  };
}

/** The root of the network that learns. */
export function learner(variables: Variables): Scope {
  return new Scope(variables, "", { training: true, trainable: true });
}

/** What the loss of a whole batch sees beside embeddings. */
export function lossContext(
  { settings, draws, memories, pictures }: StepOptions,
  batchSize: number,
  variables: Variables,
  scalars: Scalars,
): LossContext<object> {
  return {
    ...{ settings, scope: learner(variables), batchSize, scalars },
    draws: drawInputs(draws, "loss", batchSize),
    memories: Object.fromEntries(memories.map((m) => [m.name, memoryInputs(m, batchSize, pictures)])),
  };
}

function drawInputs(draws: readonly Draw[], stage: Draw["stage"], count: number): Record<string, Tensor> {
  const own = draws.filter((draw) => draw.stage === stage);
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
