import { AfterimageError } from "../errors.ts";
import type { Tensor } from "../tensor/index.ts";

/** The inputs of the optimiser for one parameter. All tensors have the parameter's shape. */
export interface ParameterUpdate {
  value: Tensor;
  grad: Tensor;
  /** The rule's memory of this parameter, by slot name; zeros before the first step. */
  slots: Readonly<Record<string, Tensor>>;
  /** False for biases, norms and tokens: no weight decay, no adaptation of the learning rate (LARS). */
  decays: boolean;
}

/**
 * Values common to all parameters in a step: float scalars, graph inputs, so that schedules need no new
 * graph.
 */
export interface Hyperparameters {
  learningRate: Tensor;
  weightDecay: Tensor;
  /** The step, counted from 1: 1 in the first step. */
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
  /**
   * Names of the tensors kept between steps for a parameter of this shape; each has its shape and is zero at
   * first.
   */
  slots(shape: readonly number[]): readonly string[];
  update(parameter: ParameterUpdate, hyper: Hyperparameters): UpdatedParameter;
}

/**
 * An interval: it includes its lower end with `least`, excludes it with `above`, and excludes its upper end,
 * `below`.
 */
export interface CoefficientRange {
  least?: number;
  above?: number;
  below?: number;
}

/**
 * @throws AfterimageError `usage/value` when an optimiser's coefficient lies outside its range, or is NaN.
 */
export function requireCoefficient(name: string, value: number, range: CoefficientRange): void {
  const { least = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = range;
  if (value >= least && value > above && value < (range.below ?? Number.POSITIVE_INFINITY)) return;
  const ends = Object.entries(range).map(([end, limit]) => `${end === "least" ? "at least" : end} ${limit}`);
  throw new AfterimageError("usage/value", {
    what: `${name} is out of range`,
    expected: ends.join(" and "),
    got: `${value}`,
  });
}
