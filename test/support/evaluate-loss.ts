/**
 * Runs a loss for the tests of losses: its values, and its gradients with respect to everything that is fed.
 */
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
 * Compiles and runs a loss of named inputs. Returns its outputs and, under `grad/<name>`, the gradient of the
 * output `loss` with respect to each input, as plain numbers. Every call builds the graph again. Its one
 * session must give the same bits in a second run.
 *
 * @throws Error with the name of an output that differs in the second run.
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
