/**
 * From gradients to next values, for everything that learns: clipping, the optimiser, gates, projections and
 * averages of single parameters.
 */
import { add, input, mul, type Shape, sub, type Tensor } from "../tensor/index.ts";
import { clipEach, clipGlobal } from "./clip.ts";
import { movingAverage } from "./momentum-average.ts";
import { globalNorm } from "./norm.ts";
import type { Hyperparameters, OptimizerRule } from "./optimizer.ts";

/** A parameter by its path: the value before the step, and whether weight decay applies to it. */
export interface DescentParameter {
  readonly path: string;
  readonly shape: Shape;
  readonly value: Tensor;
  readonly decays: boolean;
}

/** The special handling of one parameter. Default: none. */
export interface ParameterHandling {
  /** Its own learning rate: a scalar, or a tensor that broadcasts to the parameter's shape. */
  learningRate?: Tensor;
  /**
   * A gate: 0 freezes the parameter and its slots, 1 lets them learn. `step` is the number of steps that it
   * has learned.
   */
  gate?: { open: Tensor; step: Tensor };
  /** A projection of the next value, such as to length 1. */
  project?(value: Tensor): Tensor;
  /** A moving average that follows the parameter. */
  average?: { path: string; value: Tensor; momentum: Tensor };
}

export interface DescentOptions {
  optimizer: OptimizerRule;
  hyper: Hyperparameters;
  /** Largest norm of each parameter's gradient; null, the default, for no bound. */
  clip?: number | null;
  /** Largest norm of all gradients as one vector; null, the default, for no bound. Comes before `clip`. */
  clipGlobal?: number | null;
  /** Whether biases and norms decay too. Default false. */
  decayAll?: boolean;
  handling?(parameter: DescentParameter): ParameterHandling;
  /**
   * An optimiser's slot before the step. Default: a graph input of that name, which is a {@link slotPath}.
   */
  slot?(path: string, shape: Shape): Tensor;
}

/** Tensors by path: of parameters and their averages, and of the optimiser's slots. */
export interface Descent {
  values: Readonly<Record<string, Tensor>>;
  slots: Readonly<Record<string, Tensor>>;
  /** The norm of all gradients as one vector, before clipping. */
  gradientNorm: Tensor;
}

/** Where an optimiser's slot of a parameter is kept: `optimizer.momentum/backbone.conv1.weight`. */
export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}

/**
 * One step of descent.
 *
 * @param grads of the parameters, in their order and shapes; at least one.
 */
export function descend(
  parameters: readonly DescentParameter[],
  grads: readonly Tensor[],
  options: DescentOptions,
): Descent {
  const gradientNorm = globalNorm(grads);
  const clipped = clip(grads, options);
  const values: Record<string, Tensor> = {};
  const slots: Record<string, Tensor> = {};
  for (const [index, parameter] of parameters.entries()) {
    const handling = options.handling?.(parameter) ?? {};
    const next = descendOne(parameter, clipped[index]!, options, handling);
    values[parameter.path] = next.value;
    Object.assign(slots, next.slots);
    const { average } = handling;
    if (average !== undefined)
      values[average.path] = movingAverage(average.value, next.value, average.momentum);
  }
  return { values, slots, gradientNorm };
}

function clip(grads: readonly Tensor[], { clip: each = null, clipGlobal: all = null }: DescentOptions) {
  const bounded = all === null ? grads : clipGlobal(grads, all);
  return each === null ? bounded : clipEach(bounded, each);
}

/** The next value of a parameter, and of its slots by {@link slotPath}. */
function descendOne(
  { path, shape, value, decays }: DescentParameter,
  grad: Tensor,
  { optimizer, hyper, decayAll = false, slot = input }: DescentOptions,
  { learningRate = hyper.learningRate, gate, project }: ParameterHandling,
): { value: Tensor; slots: Record<string, Tensor> } {
  const names = optimizer.slots(shape);
  const kept = Object.fromEntries(names.map((name) => [name, slot(slotPath(name, path), shape)]));
  const updated = optimizer.update(
    { value, grad, slots: kept, decays: decays || decayAll },
    { ...hyper, learningRate, step: gate?.step ?? hyper.step },
  );
  const pass = (from: Tensor, to: Tensor) =>
    gate === undefined ? to : add(from, mul(gate.open, sub(to, from)));
  const moved = pass(value, updated.value);
  const next = names.map((name) => [slotPath(name, path), pass(kept[name]!, updated.slots[name]!)] as const);
  return { value: project?.(moved) ?? moved, slots: Object.fromEntries(next) };
}
