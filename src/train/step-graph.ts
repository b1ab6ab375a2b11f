/**
 * The whole training step as one graph, in the order in which it happens: pictures, views, loss, gradients,
 * optimiser, moving average. This file is the path from picture to weight.
 */
import { augmentViews } from "../augment/augment-views.ts";
import { PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { LossResult, Method, ViewGroup } from "../methods/method.ts";
import { Scope } from "../nn/scope.ts";
import { type Variable, Variables } from "../nn/variables.ts";
import { clipEach } from "../optim/clip.ts";
import { movingAverage } from "../optim/momentum-average.ts";
import { globalNorm } from "../optim/norm.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import type { Dialect } from "../runtime/dialect.ts";
import { add, compile, gradients, input, mul, type Program, sub, type Tensor } from "../tensor/index.ts";

export interface StepGraphOptions {
  method: Method;
  settings: object;
  backbone: Backbone;
  groups: readonly ViewGroup[];
  optimizer: OptimizerRule;
  clip: number | null;
  canvas: number;
  /** Pictures in one run of the graph: the batch, or the part of it that accumulation takes at a time. */
  batchSize: number;
  /** Names of the method's scheduled scalars. */
  scalarNames: readonly string[];
  /** With more than one part the graph is cut in two: gradients are added up, then one update follows. */
  accumulate: number;
  /** How the graphs are written: see `dialectOf`. */
  dialect: Dialect;
}

/** A step compiled: variables to keep, and either one program or its two halves. */
export interface StepGraph {
  variables: readonly Variable[];
  /** Optimiser slots by path (`optimizer.momentum/backbone.conv1.weight`) and their shapes. */
  slots: ReadonlyMap<string, readonly number[]>;
  masks: Variables["masks"];
  programs: { step: Program } | { gradient: Program; update: Program };
}

export const TEACHER = "teacher";
/** Prefix of a graph output that is the next value of the variable or slot it names. */
export const NEXT = "next:";
export const GRADIENT_SUM = "gradient:";

export function buildStep(options: StepGraphOptions): StepGraph {
  const variables = new Variables();
  const scalars = Object.fromEntries(options.scalarNames.map((name) => [name, input(`scalar:${name}`, [])]));
  const { loss, metrics } = forward(options, variables, scalars);
  const parameters = variables.parameters;
  const grads = gradients(
    loss,
    parameters.map((parameter) => parameter.value),
  );
  const report = { loss, ...prefixed("metric:", metrics) };
  if (options.accumulate === 1) {
    const { outputs, slots } = update(options, variables, grads, scalars);
    const step = compile(
      { ...report, ...outputs, ...nextStates(variables) },
      { name: "step", ...options.dialect },
    );
    return { variables: variables.all, slots, masks: variables.masks, programs: { step } };
  }
  const sums = parameters.map((parameter) => input(`${GRADIENT_SUM}${parameter.path}`, parameter.shape));
  const added = Object.fromEntries(
    parameters.map(({ path }, i) => [`${NEXT}${GRADIENT_SUM}${path}`, add(sums[i]!, grads[i]!)]),
  );
  const gradient = compile(
    { ...report, ...added, ...nextStates(variables) },
    { name: "gradient", ...options.dialect },
  );
  const means = sums.map((sum) => mul(sum, 1 / options.accumulate));
  const { outputs, slots } = update(options, variables, means, scalars);
  const updateProgram = compile(outputs, { name: "update", ...options.dialect });
  return {
    variables: variables.all,
    slots,
    masks: variables.masks,
    programs: { gradient, update: updateProgram },
  };
}

function forward(
  { method, settings, backbone, groups, canvas, batchSize }: StepGraphOptions,
  variables: Variables,
  scalars: Readonly<Record<string, Tensor>>,
): LossResult {
  const pictures = input("pictures", [batchSize, 3, canvas, canvas], "uint8");
  const views = Object.fromEntries(
    groups.map(({ name, views: specs }) => {
      const parameters = specs.map((_, i) => input(`view:${name}.${i}`, [batchSize, PARAMETER_COUNT]));
      return [name, augmentViews(pictures, parameters, specs)];
    }),
  );
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const teacher = method.hasTeacher
    ? new Scope(variables, TEACHER, { training: true, trainable: false })
    : null;
  return method.loss({ settings, scope, teacher, backbone, views, batchSize, scalars });
}

/** Optimiser and moving average: the outputs are the parameters', slots' and teacher's next values. */
function update(
  { method, optimizer, clip }: StepGraphOptions,
  variables: Variables,
  grads: readonly Tensor[],
  scalars: Readonly<Record<string, Tensor>>,
) {
  const outputs: Record<string, Tensor> = { gradient_norm: globalNorm(grads) };
  const slots = new Map<string, readonly number[]>();
  const clipped = clip === null ? grads : clipEach(grads, clip);
  const hyper = { learningRate: input("learning_rate", []), weightDecay: input("weight_decay", []) };
  const step = input("step", []);
  for (const [index, parameter] of variables.parameters.entries()) {
    const { path, value, shape, decays } = parameter;
    const gate = method.gates.find(({ prefix }) => path.startsWith(prefix));
    const own: Record<string, Tensor> = {};
    for (const slot of optimizer.slots) {
      own[slot] = input(slotPath(slot, path), shape);
      slots.set(slotPath(slot, path), shape);
    }
    const result = optimizer.update(
      { value, grad: clipped[index]!, slots: own, decays },
      { ...hyper, step: gate === undefined ? step : input(`step:${path}`, []) },
    );
    const pass = (from: Tensor, to: Tensor) =>
      gate === undefined ? to : add(from, mul(scalars[gate.gate]!, sub(to, from)));
    const next = pass(value, result.value);
    outputs[`${NEXT}${path}`] = next;
    for (const slot of optimizer.slots) {
      outputs[`${NEXT}${slotPath(slot, path)}`] = pass(own[slot]!, result.slots[slot]!);
    }
    const taught = variables.get(`${TEACHER}.${path}`);
    if (taught !== undefined) {
      outputs[`${NEXT}${taught.path}`] = movingAverage(taught.value, next, scalars.teacher_momentum!);
    }
  }
  return { outputs, slots };
}

/** State that the forward pass replaced: batch statistics, centres, queues. */
function nextStates(variables: Variables): Record<string, Tensor> {
  const changed = variables.all.filter(({ kind, value, next }) => kind === "state" && next !== value);
  return Object.fromEntries(changed.map(({ path, next }) => [`${NEXT}${path}`, next]));
}

export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}

function prefixed<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}
