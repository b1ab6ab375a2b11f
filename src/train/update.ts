/**
 * From gradients to next values: passes the objective's gates, rates, constraints and teacher to the descent.
 */
import { AfterimageError } from "../errors.ts";
import type { Variables } from "../nn/variables.ts";
import type { Rate } from "../objectives/objective.ts";
import { type DescentParameter, descend, type ParameterHandling } from "../optim/descend.ts";
import { input, mul, type Tensor } from "../tensor/index.ts";
import { NEXT, OWN_STEP, prefixed, TEACHER, TEACHER_MOMENTUM } from "./graph-names.ts";
import type { Stage, StepOptions } from "./network.ts";

export interface Update {
  /** Next values of parameters, slots and teacher, and the norm of the gradient. */
  outputs: Record<string, Tensor>;
  /** Shapes of the optimiser's slots by path (`optimizer.momentum/backbone.conv1.weight`). */
  slots: ReadonlyMap<string, readonly number[]>;
}

/**
 * @param grads of the variables' parameters, in their order.
 * @throws AfterimageError `method/objective` for a gate, a rate or a constraint that applies to no parameter.
 */
export function update(
  options: StepOptions,
  { variables, scalars }: Stage,
  grads: readonly Tensor[],
): Update {
  requireParameters(options, variables);
  const { optimizer, clip, decayAll } = options;
  const hyper = {
    learningRate: input("learning_rate", []),
    weightDecay: input("weight_decay", []),
    step: input("step", []),
  };
  const peak = input("peak_learning_rate", []);
  const rates = { now: hyper.learningRate, peak };
  const { values, slots, gradientNorm } = descend(variables.parameters, grads, {
    ...{ optimizer, clip, decayAll, hyper },
    handling: (parameter) => handlingOf(options, parameter, { variables, scalars }, rates),
  });
  return {
    outputs: { gradient_norm: gradientNorm, ...prefixed(NEXT, { ...values, ...slots }) },
    slots: new Map(Object.entries(slots).map(([path, { shape }]) => [path, shape])),
  };
}

interface Rates {
  now: Tensor;
  peak: Tensor;
}

function handlingOf(
  options: StepOptions,
  parameter: DescentParameter,
  { variables, scalars }: Stage,
  rates: Rates,
): ParameterHandling {
  const { gates, constraints } = options.objective;
  const { path } = parameter;
  const gate = gates.find(({ prefix }) => path.startsWith(prefix));
  const constraint = constraints.find(({ prefix }) => path.startsWith(prefix));
  const average = variables.get(`${TEACHER}.${path}`);
  return {
    learningRate: rateOf(options, parameter, rates, scalars),
    ...(gate && { gate: { open: scalars[gate.gate]!, step: input(`${OWN_STEP}${path}`, []) } }),
    ...(constraint && { project: (value) => constraint.project(value) }),
    ...(average && {
      average: { path: average.path, value: average.value, momentum: scalars[TEACHER_MOMENTUM]! },
    }),
  };
}

function rateOf(
  { objective, backbone }: StepOptions,
  parameter: DescentParameter,
  { now, peak }: Rates,
  scalars: Stage["scalars"],
): Tensor {
  const rate = objective.rates.find((candidate) => candidate.applies(parameter));
  if (rate === undefined) return now;
  if (rate.by === "peak") return peak;
  if ("scalar" in rate.by) return mul(now, scalars[rate.by.scalar]!);
  return mul(now, rate.by.factor(parameter.path, backbone));
}

/** A prefix with a spelling mistake would otherwise have no effect and cause no error. */
function requireParameters({ objective }: StepOptions, { parameters }: Variables): void {
  const { gates, constraints, rates } = objective;
  const kinds = [
    ...gates.map(({ prefix }) => ["gate", prefix] as const),
    ...constraints.map(({ prefix }) => ["constraint", prefix] as const),
  ];
  for (const [kind, prefix] of kinds)
    if (!parameters.some(({ path }) => path.startsWith(prefix))) throw appliesToNone(kind, prefix);
  const idle = rates.findIndex((rate: Rate) => !parameters.some((parameter) => rate.applies(parameter)));
  if (idle >= 0) throw appliesToNone("rate", `rates[${idle}]`);
}

function appliesToNone(kind: string, where: string): AfterimageError {
  return new AfterimageError("method/objective", {
    what: `a ${kind} applies to no parameter`,
    where,
    todo: "Check its prefix against the paths of the parameters, or leave it out for this backbone.",
  });
}
