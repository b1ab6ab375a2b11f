/** Runs a loss as the tests of losses need it: values, and gradients by everything that is fed. */
import { compile, gradients, input, type Tensor } from "../../src/tensor/index.ts";
import { runTwice } from "./run-twice.ts";

/** A graph input and its value, row-major. */
export interface Leaf {
  data: ArrayLike<number>;
  shape: readonly number[];
}

export function leaf(data: ArrayLike<number>, ...shape: number[]): Leaf {
  return { data, shape };
}

/**
 * Compiles and runs a loss of named inputs: its outputs, and under `grad/<name>` the gradient of the one
 * called `loss` by each input, as plain numbers. The graph is built anew at every call; its one session must
 * give the same bits when it is run again.
 *
 * @throws Error naming an output that was another the second time.
 */
export async function evaluateLoss<Name extends string, Result extends string>(
  leaves: Readonly<Record<Name, Leaf>>,
  build: (tensors: Record<Name, Tensor>) => Readonly<Record<Result | "loss", Tensor>>,
): Promise<Record<Result | "loss" | `grad/${Name}`, number[]>> {
  const names = Object.keys(leaves) as Name[];
  const tensors = names.map((name) => input(name, leaves[name].shape));
  const results = build(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) as never);
  const derivatives = gradients(results.loss, tensors).map((tensor, i) => [`grad/${names[i]}`, tensor]);
  const feeds = names.map((name) => [name, Float32Array.from(leaves[name].data)]);
  const program = compile({ ...results, ...Object.fromEntries(derivatives) });
  const got = await runTwice(program, Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(got).map(([name, data]) => [name, Array.from(data as Float32Array)]),
  ) as never;
}
