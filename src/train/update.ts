/** From gradients to next values: optimiser and moving average. */
import type { Variables } from "../nn/variables.ts";
import { clipEach } from "../optim/clip.ts";
import { movingAverage } from "../optim/momentum-average.ts";
import { globalNorm } from "../optim/norm.ts";
import { add, input, mul, sub, type Tensor } from "../tensor/index.ts";
import { type Scalars, type StepOptions, TEACHER } from "./network.ts";

/** Prefix of a graph output that is the next value of the variable or slot it names. */
export const NEXT = "next:";

export interface Update {
  /** Next values of parameters, slots and teacher, and the norm of the gradient. */
  outputs: Record<string, Tensor>;
  /** Optimiser slots by path (`optimizer.momentum/backbone.conv1.weight`) and their shapes. */
  slots: ReadonlyMap<string, readonly number[]>;
}

/** @param grads of the variables' parameters, in their order. */
export function update(
  options: StepOptions,
  variables: Variables,
  grads: readonly Tensor[],
  scalars: Scalars,
): Update {
  const { method, optimizer, clip, decayAll } = options;
  const outputs: Record<string, Tensor> = { gradient_norm: globalNorm(grads) };
  const slots = new Map<string, readonly number[]>();
  const clipped = clip === null ? grads : clipEach(grads, clip);
  const hyper = { learningRate: input("learning_rate", []), weightDecay: input("weight_decay", []) };
  const rates = { now: hyper.learningRate, peak: input("peak_learning_rate", []) };
  const step = input("step", []);
  for (const [index, parameter] of variables.parameters.entries()) {
    const { path, value, shape, decays } = parameter;
    const gate = method.gates.find(({ prefix }) => path.startsWith(prefix));
    const kept: Record<string, Tensor> = {};
    const names = optimizer.slots(shape);
    for (const slot of names) {
      kept[slot] = input(slotPath(slot, path), shape);
      slots.set(slotPath(slot, path), shape);
    }
    const learningRate = rateOf(options, parameter, rates, scalars);
    const result = optimizer.update(
      { value, grad: clipped[index]!, slots: kept, decays: decays || decayAll },
      { ...hyper, learningRate, step: gate === undefined ? step : input(`step:${path}`, []) },
    );
    const pass = (from: Tensor, to: Tensor) =>
      gate === undefined ? to : add(from, mul(scalars[gate.gate]!, sub(to, from)));
    const constraint = method.constraints?.find(({ prefix }) => path.startsWith(prefix));
    const moved = pass(value, result.value);
    const next = constraint === undefined ? moved : constraint.project(moved);
    outputs[`${NEXT}${path}`] = next;
    for (const slot of names) {
      outputs[`${NEXT}${slotPath(slot, path)}`] = pass(kept[slot]!, result.slots[slot]!);
    }
    const taught = variables.get(`${TEACHER}.${path}`);
    if (taught !== undefined) {
      outputs[`${NEXT}${taught.path}`] = movingAverage(taught.value, next, scalars.teacher_momentum!);
    }
  }
  return { outputs, slots };
}

function rateOf(
  { method, settings, backbone }: StepOptions,
  parameter: { path: string; decays: boolean },
  { now, peak }: { now: Tensor; peak: Tensor },
  scalars: Scalars,
): Tensor {
  const rate = method.rates?.find((candidate) => candidate.applies(parameter));
  if (rate === undefined) return now;
  if (rate.by === "peak") return peak;
  if ("scalar" in rate.by) return mul(now, scalars[rate.by.scalar]!);
  return mul(now, rate.by.factor(parameter.path, { settings, backbone }));
}

export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}
