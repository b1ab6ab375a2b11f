/**
 * The whole training step as one graph, in the order in which it happens: pictures, views, loss, gradients,
 * optimiser, moving average. This file is the path from picture to weight.
 */
import type { LossResult } from "../methods/method.ts";
import { type Variable, Variables } from "../nn/variables.ts";
import { compile, gradients, type Program, type Tensor } from "../tensor/index.ts";
import { embed, lossContext, type StepOptions, scalarInputs, type ViewSource, WRITE } from "./network.ts";
import { NEXT, type Update, update } from "./update.ts";

/** What a step is made of, compiled. */
export interface StepGraph<P = Program> {
  variables: readonly Variable[];
  slots: Update["slots"];
  masks: Variables["masks"];
  programs: P;
}

/** @param viewSource where views come from, if not from pictures. */
export function buildStep(options: StepOptions, viewSource?: ViewSource): StepGraph {
  const { outputs, variables, slots } = stepTensors(options, viewSource);
  const step = compile(outputs, { name: "step", ...options.dialect });
  return { variables: variables.all, slots, masks: variables.masks, programs: step };
}

/** What a step gives back, as tensors: loss, metrics and next values by the names of their outputs. */
export interface StepTensors {
  outputs: Readonly<Record<string, Tensor>>;
  variables: Variables;
  slots: Update["slots"];
}

export function stepTensors(options: StepOptions, viewSource?: ViewSource): StepTensors {
  const { method, batchSize } = options;
  const variables = new Variables();
  const scalars = scalarInputs(options.scalarNames);
  const embeddings = embed(options, batchSize, variables, scalars, viewSource);
  const result = method.loss(embeddings, lossContext(options, batchSize, variables, scalars));
  const grads = gradients(
    result.loss,
    variables.parameters.map((parameter) => parameter.value),
  );
  const { outputs, slots } = update(options, variables, grads, scalars);
  return { outputs: { ...report(result), ...outputs, ...nextStates(variables.all) }, variables, slots };
}

/** The loss, what a method wants to be seen and what it wants to be kept, as outputs. */
export function report({ loss, metrics, writes = {} }: LossResult): Record<string, Tensor> {
  const named = Object.entries(metrics).map(([name, tensor]) => [`metric:${name}`, tensor]);
  const written = Object.entries(writes).map(([name, tensor]) => [`${WRITE}${name}`, tensor]);
  return { loss, ...Object.fromEntries([...named, ...written]) };
}

/** State that a pass replaced: batch statistics, centres, queues. */
export function nextStates(variables: readonly Variable[]): Record<string, Tensor> {
  const changed = variables.filter(({ kind, value, next }) => kind === "state" && next !== value);
  return Object.fromEntries(changed.map(({ path, next }) => [`${NEXT}${path}`, next]));
}
