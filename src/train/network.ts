/** The network of a step: from pictures to what the loss compares. */
import { augmentViews } from "../augment/augment-views.ts";
import { PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { Embeddings, Method, ViewGroup } from "../methods/method.ts";
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
  optimizer: OptimizerRule;
  clip: number | null;
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

export type Scalars = Readonly<Record<string, Tensor>>;

export function scalarInputs(names: readonly string[]): Scalars {
  return Object.fromEntries(names.map((name) => [name, input(`scalar:${name}`, [])]));
}

/** Augments `count` pictures and embeds their views. */
export function embed(
  { method, settings, backbone, groups, canvas }: StepOptions,
  count: number,
  variables: Variables,
  scalars: Scalars,
): Embeddings {
  const pictures = input("pictures", [count, 3, canvas, canvas], "uint8");
  const views = Object.fromEntries(
    groups.map(({ name, views: specs }) => {
      const parameters = specs.map((_, i) => input(`view:${name}.${i}`, [count, PARAMETER_COUNT]));
      return [name, augmentViews(pictures, parameters, specs)];
    }),
  );
  const teacher = method.hasTeacher
    ? new Scope(variables, TEACHER, { training: true, trainable: false })
    : null;
  const context = { settings, scope: learner(variables), batchSize: count, scalars };
  return method.embed({ ...context, teacher, backbone, views });
}

/** The root of the network that learns. */
export function learner(variables: Variables): Scope {
  return new Scope(variables, "", { training: true, trainable: true });
}
