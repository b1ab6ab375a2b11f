/** A method's step up to its loss, with inputs in the place of views: for tests of what depends on what. */
import type { Choices } from "../../src/jobs/configure.ts";
import type { Embeddings, LossResult } from "../../src/methods/method.ts";
import { Variables } from "../../src/nn/variables.ts";
import { PLAIN } from "../../src/runtime/dialect.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { topologicalOrder } from "../../src/tensor/gradient.ts";
import { compile, input, type Shape, sizeOf, type Tensor, type TensorData } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import {
  embed,
  lossContext,
  type StepOptions,
  scalarInputs,
  type ViewSource,
} from "../../src/train/network.ts";
import { initialValues } from "../../src/train/values.ts";
import { deterministic } from "./deterministic.ts";
import { tinyConfig } from "./tiny-run.ts";

export interface MethodGraph extends LossResult {
  options: Omit<StepOptions, "dialect">;
  batchSize: number;
  embeddings: Embeddings;
  variables: Variables;
  /** All that is fed beside variables: views, scalars, draws, memories. */
  inputs: ReadonlyMap<string, Tensor>;
}

export function methodGraph(choices: Choices): MethodGraph {
  const { options: described } = describeRun(tinyConfig(choices));
  const options = { ...described, dialect: PLAIN };
  const { batchSize, scalarNames } = options;
  const variables = new Variables();
  const scalars = scalarInputs(scalarNames);
  const embeddings = embed(options, batchSize, variables, scalars, viewInputs);
  const result = options.method.loss(embeddings, lossContext(options, batchSize, variables, scalars));
  const outputs = [result.loss, ...Object.values(result.writes ?? {})];
  return { ...result, options, batchSize, embeddings, variables, inputs: fedInputs(outputs, variables) };
}

/** The graph's outputs from inputs by name; those left out are made up of their names, variables as they start. */
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

const viewInputs: ViewSource = ({ groups }, count) =>
  Object.fromEntries(
    groups.map(({ name, views }) => {
      const { size } = views[0]!;
      return [name, input(`view:${name}`, [views.length * count, 3, size, size])];
    }),
  );

function fedInputs(outputs: readonly Tensor[], variables: Variables): Map<string, Tensor> {
  const known = new Set(variables.all.map(({ value }) => value.node));
  const nodes = inputNodes(outputs).filter((node) => !known.has(node));
  return new Map(nodes.map((node) => [nameOf(node), node.outputs[0]!]));
}

/** Names of all that tensors depend on, by which way ever: variables by their paths, views, draws and the like. */
export function inputsOf(tensors: readonly Tensor[]): string[] {
  return inputNodes(tensors).map(nameOf);
}

function inputNodes(tensors: readonly Tensor[]): Tensor["node"][] {
  return topologicalOrder([...tensors]).filter(({ operator }) => operator.name === "input");
}

const nameOf = ({ attrs }: Tensor["node"]) => (attrs as { name: string }).name;
