/** A method's step up to its loss, with inputs in place of views, for tests of dependencies. */

import type { CompleteMethod } from "../../src/methods/complete-method.ts";
import { Variables } from "../../src/nn/variables.ts";
import type { CompleteObjective } from "../../src/objectives/complete-objective.ts";
import type { Embeddings, LossResult } from "../../src/objectives/objective.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { PLAIN } from "../../src/runtime/dialect.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { topologicalOrder } from "../../src/tensor/gradient.ts";
import { compile, input, type Shape, sizeOf, type Tensor, type TensorData } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { embed, lossOf, type StepOptions, scalarInputs, type ViewSource } from "../../src/train/network.ts";
import { initialValues } from "../../src/train/values.ts";
import { deterministic } from "./deterministic.ts";
import { tinyConfig } from "./tiny-run.ts";

export interface MethodGraph extends LossResult {
  method: CompleteMethod;
  objective: CompleteObjective;
  options: Omit<StepOptions, "dialect">;
  batchSize: number;
  embeddings: Embeddings;
  variables: Variables;
  /** Everything that is fed besides variables: views, scalars, draws, memories. */
  inputs: ReadonlyMap<string, Tensor>;
}

export function methodGraph(choices: Choices): MethodGraph {
  const { method, options: described } = describeRun(tinyConfig(choices));
  const options = { ...described, dialect: PLAIN };
  const { objective, batchSize, scalarNames } = options;
  const variables = new Variables();
  const stage = { variables, scalars: scalarInputs(scalarNames) };
  const embeddings = embed(options, batchSize, stage, viewInputs);
  const result = lossOf(options, embeddings, batchSize, stage);
  const outputs = [result.loss, ...Object.values(result.writes ?? {})];
  const inputs = fedInputs(outputs, variables);
  return { ...result, method, objective, options, batchSize, embeddings, variables, inputs };
}

/**
 * The graph's outputs from inputs by name. Missing inputs get values from their names, and variables their
 * initial values.
 */
export async function runGraph<Name extends string>(
  { variables, inputs }: MethodGraph,
  outputs: Readonly<Record<Name, Tensor>>,
  feeds: Readonly<Record<string, TensorData>> = {},
): Promise<Record<Name, Float32Array>> {
  const program = compile(outputs);
  const madeUp = [...inputs].map(([name, tensor]) => [name, madeUpValue(name, tensor)] as const);
  const all = {
    ...Object.fromEntries(initialValues(variables.all, new Map(), 5)),
    ...Object.fromEntries(madeUp),
    ...feeds,
  };
  const needed = new Set(program.inputs.map(({ name }) => name));
  const fed = Object.entries(all).filter(([name]) => needed.has(name));
  return (await runOnce(program, Object.fromEntries(fed))) as never;
}

export function madeUpValue(name: string, { shape, dtype }: { shape: Shape; dtype: string }): TensorData {
  const size = sizeOf(shape);
  return dtype === "int32" ? Int32Array.from({ length: size }, (_, i) => i) : deterministic(name, size);
}

const viewInputs: ViewSource = ({ objective }, count) =>
  Object.fromEntries(
    objective.views.map(({ name, views }) => {
      const { size } = views[0]!;
      return [name, input(`view:${name}`, [views.length * count, 3, size, size])];
    }),
  );

function fedInputs(outputs: readonly Tensor[], variables: Variables): Map<string, Tensor> {
  const known = new Set(variables.all.map(({ value }) => value.node));
  const nodes = inputNodes(outputs).filter((node) => !known.has(node));
  return new Map(nodes.map((node) => [nameOf(node), node.outputs[0]!]));
}

/** Names of all inputs that tensors depend on: variables by their paths, views, draws and the like. */
export function inputsOf(tensors: readonly Tensor[]): string[] {
  return inputNodes(tensors).map(nameOf);
}

function inputNodes(tensors: readonly Tensor[]): Tensor["node"][] {
  return topologicalOrder([...tensors]).filter(({ operator }) => operator.name === "input");
}

const nameOf = ({ attrs }: Tensor["node"]) => (attrs as { name: string }).name;
