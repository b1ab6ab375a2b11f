/**
 * The whole training step as one graph, in the order in which it happens: pictures, views, loss, gradients,
 * optimiser, moving average. This file is the path from picture to weight.
 */
import { type Variable, Variables } from "../../nn/variables.ts";
import type { LossResult } from "../../objectives/objective.ts";
import { createSession, type Results } from "../../runtime/session.ts";
import { compile, gradients, type Program, type Tensor } from "../../tensor/index.ts";
import { METRIC, NEXT, prefixed, WRITE } from "../graph-names.ts";
import { embed, lossOf, type StepOptions, scalarInputs, type ViewSource } from "../network.ts";
import { type Update, update } from "../update.ts";
import { allOf, type StepForm, type StepVariables } from "./step-form.ts";

export function wholeStep(options: StepOptions): StepForm {
  const { program, ...graph } = buildStep(options);
  return {
    graph,
    held: [program],
    async load({ light: _light, peers: _peers, ...session }) {
      const loaded = await createSession(program, session);
      return {
        async run({ batch, values, feedsOf, lossFeedsOf }) {
          let results: Results = {};
          for await (const part of batch.parts())
            results = await loaded.run({ ...values, ...lossFeedsOf(allOf(batch)), ...feedsOf(part) });
          return results;
        },
        release: () => loaded.release(),
      };
    },
  };
}

/** @param viewSource makes the views, if not from pictures. */
export function buildStep(
  options: StepOptions,
  viewSource?: ViewSource,
): StepVariables & { program: Program } {
  const { outputs, variables, slots } = stepTensors(options, viewSource);
  const program = compile(outputs, { name: "step", ...options.dialect });
  return { variables: variables.all, slots, masks: variables.masks, program };
}

/** The results of a step as tensors: loss, metrics and next values by the names of their outputs. */
export interface StepTensors {
  outputs: Readonly<Record<string, Tensor>>;
  variables: Variables;
  slots: Update["slots"];
}

export function stepTensors(options: StepOptions, viewSource?: ViewSource): StepTensors {
  const { batchSize } = options;
  const variables = new Variables();
  const stage = { variables, scalars: scalarInputs(options.scalarNames) };
  const embeddings = embed(options, batchSize, stage, viewSource);
  const result = lossOf(options, embeddings, batchSize, stage);
  const grads = gradients(
    result.loss,
    variables.parameters.map((parameter) => parameter.value),
  );
  const { outputs, slots } = update(options, stage, grads);
  variables.close();
  return { outputs: { ...report(result), ...outputs, ...nextStates(variables.all) }, variables, slots };
}

/** The loss, an objective's metrics and its writes to memories, as outputs. */
export function report({ loss, metrics = {}, writes = {} }: LossResult): Record<string, Tensor> {
  return { loss, ...prefixed(METRIC, metrics), ...prefixed(WRITE, writes) };
}

/** State that a pass replaced: batch statistics, centres, queues. */
export function nextStates(variables: readonly Variable[]): Record<string, Tensor> {
  const changed = variables.filter(({ kind, value, next }) => kind === "state" && next !== value);
  return Object.fromEntries(changed.map(({ path, next }) => [`${NEXT}${path}`, next]));
}
