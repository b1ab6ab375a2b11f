import type { OptimizerRule } from "../../src/optim/optimizer.ts";
import { createSession } from "../../src/runtime/session.ts";
import { compile, input, sizeOf, type Tensor, type TensorData } from "../../src/tensor/index.ts";

export interface OptimizedParameter {
  name: string;
  shape: readonly number[];
  start: Float32Array;
  decays: boolean;
  /** The gradient at a step, counted from 0. */
  gradient(step: number): Float32Array;
}

/** Runs a rule step by step through ONNX Runtime. Returns each parameter's values after every step. */
export async function runOptimizer(
  rule: OptimizerRule,
  parameters: readonly OptimizedParameter[],
  { rates, decays }: { rates: readonly number[]; decays: readonly number[] },
): Promise<Map<string, Float32Array[]>> {
  const session = await createSession(compile(updateGraph(rule, parameters)), { threads: 1 });
  const trace = new Map(parameters.map(({ name }) => [name, [] as Float32Array[]]));
  let state: Record<string, TensorData> = startOf(rule, parameters);
  for (const [step, rate] of rates.entries()) {
    const grads = parameters.map(({ name, gradient }) => [`${name}/grad`, gradient(step)] as const);
    const hyper = hyperFeeds(rate, decays[step]!, step + 1);
    const needed = new Set(session.program.inputs.map(({ name }) => name));
    const feeds = Object.entries({ ...state, ...hyper, ...Object.fromEntries(grads) });
    state = await session.run(Object.fromEntries(feeds.filter(([name]) => needed.has(name))));
    state = Object.fromEntries(Object.entries(state).map(([name, data]) => [name.slice(5), data]));
    for (const { name } of parameters) trace.get(name)!.push(state[name] as Float32Array);
  }
  await session.release();
  return trace;
}

function updateGraph(rule: OptimizerRule, parameters: readonly OptimizedParameter[]): Record<string, Tensor> {
  const hyper = { learningRate: input("rate", []), weightDecay: input("decay", []), step: input("step", []) };
  const outputs: Record<string, Tensor> = {};
  for (const { name, shape, decays } of parameters) {
    const slots = Object.fromEntries(
      rule.slots(shape).map((slot) => [slot, input(`${name}/${slot}`, shape)]),
    );
    const value = input(name, shape);
    const next = rule.update({ value, grad: input(`${name}/grad`, shape), slots, decays }, hyper);
    outputs[`next/${name}`] = next.value;
    for (const slot of rule.slots(shape)) outputs[`next/${name}/${slot}`] = next.slots[slot]!;
  }
  return outputs;
}

function startOf(
  rule: OptimizerRule,
  parameters: readonly OptimizedParameter[],
): Record<string, Float32Array> {
  const values = parameters.map(({ name, start }) => [name, start] as const);
  const slots = parameters.flatMap(({ name, shape }) =>
    rule.slots(shape).map((slot) => [`${name}/${slot}`, new Float32Array(sizeOf(shape))] as const),
  );
  return Object.fromEntries([...values, ...slots]);
}

function hyperFeeds(rate: number, decay: number, step: number): Record<string, Float32Array> {
  return { rate: Float32Array.of(rate), decay: Float32Array.of(decay), step: Float32Array.of(step) };
}
