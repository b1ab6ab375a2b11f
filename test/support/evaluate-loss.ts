import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, type Tensor } from "../../src/tensor/index.ts";

/** A graph input and its value. */
export interface Leaf {
  data: Float32Array;
  shape: readonly number[];
}

/** A loss and whatever else is to be computed with it. */
export type LossOutputs = { loss: Tensor } & Record<string, Tensor>;

/**
 * Compiles and runs a loss of named inputs: its outputs, and under `grad/<name>` its gradient by each input, as plain
 * numbers. The graph is built anew at every call.
 */
export async function evaluateLoss<N extends string>(
  leaves: Readonly<Record<N, Leaf>>,
  build: (tensors: Record<N, Tensor>) => LossOutputs,
): Promise<Record<string, number[]>> {
  const names = Object.keys(leaves) as N[];
  const tensors = Object.fromEntries(names.map((name) => [name, input(name, leaves[name].shape)])) as Record<
    N,
    Tensor
  >;
  const outputs: Record<string, Tensor> = { ...build(tensors) };
  const byLeaf = gradients(
    outputs.loss!,
    names.map((name) => tensors[name]),
  );
  for (const [i, name] of names.entries()) outputs[`grad/${name}`] = byLeaf[i]!;
  const feeds = Object.fromEntries(names.map((name) => [name, leaves[name].data]));
  const got = await runOnce(compile(outputs), feeds);
  return Object.fromEntries(
    Object.entries(got).map(([name, data]) => [name, Array.from(data as Float32Array)]),
  );
}
