/**
 * A learner for a network of one's own: a loss, the values of the variables it declares, and a step that
 * replaces them.
 */
import { AfterimageError } from "../errors.ts";
import type { Variable, Variables } from "../nn/variables.ts";
import { type DescentOptions, descend } from "../optim/descend.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import { dialectOf } from "../runtime/dialect.ts";
import {
  createSession,
  type Feeds,
  type Results,
  type Session,
  type SessionOptions,
} from "../runtime/session.ts";
import { compile, gradientsOrNull, input, type Tensor } from "../tensor/index.ts";
import { drawMasks } from "./draw-masks.ts";
import { nextStates } from "./forms/whole-step.ts";
import { NEXT, prefixed, stripped, without } from "./graph-names.ts";
import { initialValues, type Values } from "./values.ts";

export interface LearnerOptions
  extends SessionOptions,
    Pick<DescentOptions, "clip" | "clipGlobal" | "decayAll" | "handling"> {
  /** What the network declared while it was built. */
  variables: Variables;
  /** The scalar to minimise. */
  loss: Tensor;
  /** Other outputs to report, by name. */
  outputs?: Readonly<Record<string, Tensor>>;
  optimizer: OptimizerRule;
  /** A number, or a function of the step (0-based). */
  learningRate: number | ((step: number) => number);
  /** As `learningRate`. Default 0. */
  weightDecay?: number | ((step: number) => number);
  /** Seed of first values and of masks such as dropout's. Default 0. */
  seed?: number;
}

/**
 * Learns by one ONNX graph: loss, gradients, the optimiser's update, and state such as batch norm's.
 *
 * @example const learner = await Learner.create({ variables, loss, optimizer: sgd(), learningRate: 0.1 });
 * for (let i = 0; i < 100; i++) console.log((await learner.step({ x, wanted })).loss![0]);
 */
export class Learner {
  /** Parameters, state and the optimiser's slots by path, replaced at every step. */
  readonly values: Values;
  readonly #session: Session;
  readonly #options: LearnerOptions;
  #step = 0;

  private constructor(session: Session, options: LearnerOptions, values: Values) {
    this.#session = session;
    this.#options = options;
    this.values = values;
  }

  /**
   * Builds the step's graph and loads it; first values follow from the seed and the paths of the parameters.
   * `variables` are closed: what is declared in them later is refused.
   *
   * @throws AfterimageError `train/network` for a parameter without gradient, state that no step changes, and
   * an output whose name the learner uses itself.
   */
  static async create(options: LearnerOptions): Promise<Learner> {
    const { variables, loss, outputs = {}, seed = 0 } = options;
    const { parameters } = variables;
    const hyper = {
      learningRate: input("learning_rate", []),
      weightDecay: input("weight_decay", []),
      step: input("step", []),
    };
    requireFreeNames(outputs);
    const grads = gradientsOfAll(loss, parameters);
    const { values, slots } = descend(parameters, grads, { ...options, hyper });
    const next = { ...prefixed(NEXT, { ...values, ...slots }), ...nextStates(variables.all) };
    variables.close();
    const program = compile(
      { loss, ...outputs, ...next },
      { name: "learner", ...(await dialectOf(options)) },
    );
    const shapes = new Map(Object.entries(slots).map(([path, { shape }]) => [path, shape]));
    const session = await createSession(program, options);
    return new Learner(session, options, initialValues(variables.all, shapes, seed));
  }

  /** The number of steps so far. */
  get steps(): number {
    return this.#step;
  }

  /**
   * One step.
   *
   * @param feeds of the network's own inputs.
   * @returns the loss and the other outputs, computed with the values before the step.
   */
  async step(feeds: Feeds): Promise<Results> {
    const { learningRate, weightDecay = 0, variables, seed = 0 } = this.#options;
    const results = await this.#session.run({
      ...feeds,
      ...Object.fromEntries(this.values),
      ...drawMasks(variables.masks, seed, this.#step),
      learning_rate: Float32Array.of(at(learningRate, this.#step)),
      weight_decay: Float32Array.of(at(weightDecay, this.#step)),
      step: Float32Array.of(this.#step + 1),
    });
    for (const [path, data] of Object.entries(stripped(NEXT, results)))
      this.values.set(path, data as Float32Array);
    this.#step += 1;
    return without(results, NEXT);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function at(value: number | ((step: number) => number), step: number): number {
  return typeof value === "number" ? value : value(step);
}

/** Gradients of all parameters: one that gets none would only decay, or stay as it is. */
function gradientsOfAll(loss: Tensor, parameters: readonly Variable[]): Tensor[] {
  const grads = gradientsOrNull(
    loss,
    parameters.map(({ value }) => value),
  );
  const idle = parameters.filter((_, i) => grads[i] === null).map(({ path }) => path);
  if (idle.length === 0) return grads.filter((grad) => grad !== null);
  throw new AfterimageError("train/network", {
    what: "the loss does not depend on a parameter, or no gradient passes to it",
    where: idle.join(", "),
    todo: "Use it in the loss, or declare it in a scope with `trainable: false` if it is to stay as it is.",
  });
}

/** @throws AfterimageError `train/network` for an output that would replace one of the learner's own. */
function requireFreeNames(outputs: Readonly<Record<string, Tensor>>): void {
  const taken = Object.keys(outputs).find((name) => name === "loss" || name.startsWith(NEXT));
  if (taken === undefined) return;
  throw new AfterimageError("train/network", {
    what: "two outputs of a learner have one name",
    where: taken,
    expected: `any name but "loss" and those that begin with "${NEXT}"`,
    todo: "Give the output another name.",
  });
}
