import { AfterimageError } from "../errors.ts";
import type { Tensor } from "../tensor/index.ts";

/** One parameter as the optimiser sees it. All tensors have the parameter's shape. */
export interface ParameterUpdate {
  value: Tensor;
  grad: Tensor;
  /** The rule's memory of this parameter, by slot name; zeros before the first step. */
  slots: Readonly<Record<string, Tensor>>;
  /** False for biases, norms and tokens: no weight decay, no adaptation of the learning rate (LARS). */
  decays: boolean;
}

/** What all parameters share in a step: float scalars, graph inputs, so that schedules need no new graph. */
export interface Hyperparameters {
  learningRate: Tensor;
  weightDecay: Tensor;
  /** Counts from 1: 1 in the first step. */
  step: Tensor;
}

/** The next value of a parameter and of its slots. */
export interface UpdatedParameter {
  value: Tensor;
  slots: Record<string, Tensor>;
}

/** An optimiser: a pure function from a parameter, its gradient and its slots to their next values. */
export interface OptimizerRule {
  readonly name: string;
  /** Names of the tensors kept between steps for each parameter, each of its shape and zero at first. */
  readonly slots: readonly string[];
  update(parameter: ParameterUpdate, hyper: Hyperparameters): UpdatedParameter;
}

/** Refuses a coefficient outside [low, high), or outside [low, ∞) without `high`. */
export function requireCoefficient(name: string, value: number, low: number, high?: number): void {
  if (value >= low && value < (high ?? Number.POSITIVE_INFINITY)) return;
  throw new AfterimageError("usage/value", {
    what: `${name} is out of range`,
    expected: high === undefined ? `${low} or more` : `at least ${low} and below ${high}`,
    got: `${value}`,
  });
}
