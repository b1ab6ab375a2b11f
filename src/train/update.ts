/** From gradients to next values: optimiser and moving average. */

import type { Rate } from "../methods/method.ts";
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
  { method, settings, backbone, optimizer, clip, decayAll }: StepOptions,
  variables: Variables,
  grads: readonly Tensor[],
  scalars: Scalars,
): Update {
  const outputs: Record<string, Tensor> = { gradient_norm: globalNorm(grads) };
  const slots = new Map<string, readonly number[]>();
  const clipped = clip === null ? grads : clipEach(grads, clip);
  const hyper = { learningRate: input("learning_rate", []), weightDecay: input("weight_decay", []) };
  const step = input("step", []);
  const rates = typeof method.rates === "function" ? method.rates(settings, backbone) : method.rates;
  for (const [index, parameter] of variables.parameters.entries()) {
    const { path, value, shape, decays } = parameter;
    const gate = method.gates.find(({ prefix }) => path.startsWith(prefix));
    const own: Record<string, Tensor> = {};
    for (const slot of optimizer.slots) {
      own[slot] = input(slotPath(slot, path), shape);
      slots.set(slotPath(slot, path), shape);
    }
    const learningRate = rateOf(rates, parameter, hyper.learningRate, scalars);
    const result = optimizer.update(
      { value, grad: clipped[index]!, slots: own, decays: decays || decayAll },
      { ...hyper, learningRate, step: gate === undefined ? step : input(`step:${path}`, []) },
    );
    const pass = (from: Tensor, to: Tensor) =>
      gate === undefined ? to : add(from, mul(scalars[gate.gate]!, sub(to, from)));
    const constraint = method.constraints?.find(({ prefix }) => path.startsWith(prefix));
    const moved = pass(value, result.value);
    const next = constraint === undefined ? moved : constraint.project(moved);
    outputs[`${NEXT}${path}`] = next;
    for (const slot of optimizer.slots) {
      outputs[`${NEXT}${slotPath(slot, path)}`] = pass(own[slot]!, result.slots[slot]!);
    }
    const taught = variables.get(`${TEACHER}.${path}`);
    if (taught !== undefined) {
      outputs[`${NEXT}${taught.path}`] = movingAverage(taught.value, next, scalars.teacher_momentum!);
    }
  }
  return { outputs, slots };
}

function rateOf(
  rates: readonly Rate[] = [],
  parameter: { path: string; decays: boolean },
  learningRate: Tensor,
  scalars: Scalars,
): Tensor {
  const rate = rates.find((candidate) => candidate.applies(parameter));
  if (rate === undefined) return learningRate;
  if (rate.by === "peak") return input("peak_learning_rate", []);
  return mul(learningRate, "scalar" in rate.by ? scalars[rate.by.scalar]! : rate.by.factor);
}

export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}
