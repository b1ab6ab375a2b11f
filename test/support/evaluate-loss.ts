/** Runs a loss as the tests of losses need it: values, and gradients by everything that is fed. */
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, type Tensor } from "../../src/tensor/index.ts";

/** What is fed: its shape and its values, row-major. */
export interface Fed {
  shape: readonly number[];
  values: ArrayLike<number>;
}

export function fed(values: ArrayLike<number>, ...shape: number[]): Fed {
  return { shape, values };
}

/**
 * What `build` makes of the inputs, by name, and for each input `x` the gradient of the result `loss` under `d/x`.
 */
export async function evaluateLoss<Name extends string, Result extends string>(
  inputs: Readonly<Record<Name, Fed>>,
  build: (tensors: Record<Name, Tensor>) => Readonly<Record<Result | "loss", Tensor>>,
): Promise<Record<Result | "loss" | `d/${Name}`, number[]>> {
  const names = Object.keys(inputs) as Name[];
  const tensors = names.map((name) => input(name, inputs[name].shape));
  const results = build(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) as never);
  const derivatives = gradients(results.loss, tensors).map((tensor, i) => [`d/${names[i]}`, tensor]);
  const feeds = names.map((name) => [name, Float32Array.from(inputs[name].values)]);
  const program = compile({ ...results, ...Object.fromEntries(derivatives) });
  const got = await runOnce(program, Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(got).map(([name, data]) => [name, Array.from(data as Float32Array)]),
  ) as never;
}
