/** A run in progress: values, the compiled step, and its inputs. */
import type { Backbone } from "../backbones/backbone.ts";
import type { Batch } from "../data/loader.ts";
import type { CompleteMethod } from "../methods/complete-method.ts";
import type { CompleteObjective } from "../objectives/complete-objective.ts";
import type { Method } from "../objectives/method.ts";
import type { Plan } from "../objectives/situation.ts";
import type { Target } from "../objectives/target.ts";
import { dialectOf } from "../runtime/dialect.ts";
import type { Results } from "../runtime/session.ts";
import { type DescribedRun, describeRun } from "./describe-run.ts";
import { type CompiledStep, compileStep, type LoadOptions } from "./forms/compile-step.ts";
import { frozenSteps } from "./frozen-steps.ts";
import { METRIC, NEXT, stripped } from "./graph-names.ts";
import { HostMemories, initialMemories } from "./host-memories.ts";
import { type Peers, SINGLE } from "./peers.ts";
import { requireFinite } from "./require-finite.ts";
import type { RunConfig } from "./run-config.ts";
import { type ScalarPlan, scalarPlan } from "./scalar-plan.ts";
import { StepFeeds } from "./step-feeds.ts";
import { encoderValues, initialValues, type Values } from "./values.ts";

export interface StepReport {
  loss: number;
  gradientNorm: number;
  learningRate: number;
  metrics: Record<string, number>;
}

export class Trainer {
  #described: DescribedRun;
  readonly method: CompleteMethod;
  /** The encoder that is trained: the backbone, or what the method makes of it. */
  readonly encoder: Backbone;
  /**
   * Parameters, state and optimiser slots by path, replaced at every step. Also memories, which are updated
   * in place, and a network that was given, which no step changes.
   */
  readonly values: Values;
  /**
   * Initial epochs to leave out when judging the loss curve: the rows of a memory are random until their
   * pictures have been seen, and a frozen layer changes the loss.
   */
  readonly unsettledEpochs: number;
  /** The processes that compute a step together. */
  readonly peers: Peers;
  readonly #step: CompiledStep;
  readonly #feeds: StepFeeds;
  #scalars: ScalarPlan;
  readonly #memories: HostMemories;

  private constructor(described: DescribedRun, step: CompiledStep, peers: Peers) {
    const { config, method, plan, own, options, encoder } = described;
    this.#described = described;
    this.method = method;
    this.encoder = encoder;
    this.peers = peers;
    this.#step = step;
    const { objective, pictures } = options;
    const { memories } = objective;
    this.#feeds = new StepFeeds(config.seed, plan, { ...objective, masks: step.graph.masks });
    this.#scalars = this.#scalarsOf(described);
    const { seed } = config;
    this.values = new Map([
      ...initialValues(step.graph.variables, step.graph.slots, seed),
      ...initialMemories(memories, pictures, seed),
    ]);
    this.#memories = new HostMemories(seed, memories, pictures, this.values);
    const frozen = frozenSteps(objective, own, plan.steps);
    this.unsettledEpochs = Math.max(memories.length > 0 ? 1 : 0, Math.ceil(frozen / plan.stepsPerEpoch));
  }

  /**
   * Builds and compiles the step of a configuration, with its first values. A method that is not in the list
   * can be passed.
   */
  static create(config: RunConfig, options: LoadOptions & { method?: Method }): Promise<Trainer> {
    return Trainer.of(describeRun(config, options.method), options);
  }

  /** As {@link Trainer.create}, for a configuration that is described already. */
  static async of(described: DescribedRun, options: LoadOptions): Promise<Trainer> {
    const dialect = await dialectOf(options);
    const step = await compileStep({ ...described.options, dialect }, options);
    return new Trainer(described, step, options.peers ?? SINGLE);
  }

  get config(): RunConfig {
    return this.#described.config;
  }

  /** The targets that the loader has to read with the pictures. */
  get targets(): readonly Target[] {
    return this.#described.options.objective.targets;
  }

  /** The length that the schedules are made for. */
  get plan(): Plan {
    return this.#described.plan;
  }

  /** The number of steps until the end, as decided so far. */
  get steps(): number {
    return this.#described.timeline.steps;
  }

  /** Continues with a configuration whose epochs, pictures or optimiser settings were changed. */
  follow(config: RunConfig): void {
    this.#described = describeRun(config, this.method);
    this.#scalars = this.#scalarsOf(this.#described);
  }

  /** The encoder's present values, by bare name. */
  get encoderValues(): Values {
    return encoderValues(this.values, this.method.encoder);
  }

  /** The values that a state of the run holds: all but those of a network that was given. */
  get stored(): Values {
    const { given } = this.#described.options.objective;
    if (given === undefined) return this.values;
    return new Map([...this.values].filter(([path]) => !path.startsWith(`${given}.`)));
  }

  /** Paths of the values that are state, and neither learned, nor slots of the optimiser, nor memories. */
  get states(): ReadonlySet<string> {
    const states = this.#step.graph.variables.filter(({ kind }) => kind === "state");
    return new Set(states.map(({ path }) => path));
  }

  /** Whether a step is computed in parts. */
  get isSplit(): boolean {
    return this.config.microBatch < this.config.batchSize;
  }

  /** Whether there are layers whose statistics are those of the pictures computed at a time. */
  get hasBatchNorm(): boolean {
    return this.#step.graph.variables.some(({ path }) => path.endsWith(".running_mean"));
  }

  /**
   * One optimiser step (0-based `step` of the run) on a batch, whose parts must have the configuration's
   * micro-batch.
   *
   * @throws AfterimageError `train/not-finite` when the loss, the gradient or any next value is not finite;
   * the values are then those before the step.
   */
  async step(batch: Batch, step: number): Promise<StepReport> {
    const scalars = this.#scalars.at(step);
    const results = await this.#step.run({
      batch,
      values: { ...Object.fromEntries(this.values), ...scalars },
      feedsOf: (part) => this.#feeds.of(part, step),
      lossFeedsOf: (pictures) => ({
        ...this.#feeds.ofLoss(pictures, step),
        ...this.#memories.feeds(pictures.indices, step),
      }),
    });
    const report = reportOf(results, scalars.learning_rate![0]!);
    requireFinite(report, results, step);
    this.#keep(results);
    this.#memories.write(results, batch.indices, step);
    return report;
  }

  /** Shapes of `values`, by path. */
  get shapes(): ReadonlyMap<string, readonly number[]> {
    const { variables, slots } = this.#step.graph;
    return new Map([
      ...variables.map(({ path, shape }) => [path, shape] as const),
      ...slots,
      ...this.#memories.shapes,
    ]);
  }

  async release(): Promise<void> {
    await this.#step.release();
  }

  #scalarsOf({ config, plan, own, timeline, options }: DescribedRun): ScalarPlan {
    const gated = gatedParameters(options.objective, this.#step);
    return scalarPlan(config.training, plan, own, gated, timeline.placeOf);
  }

  #keep(results: Results): void {
    for (const [path, data] of Object.entries(stripped(NEXT, results)))
      this.values.set(path, data as Float32Array);
  }
}

/** Parameters that the method may freeze, each with its gate. */
export function gatedParameters(
  { gates }: Pick<CompleteObjective, "gates">,
  { graph }: Pick<CompiledStep, "graph">,
): { path: string; gate: string }[] {
  return graph.variables
    .filter(({ kind }) => kind === "parameter")
    .flatMap(({ path }) =>
      gates.filter(({ prefix }) => path.startsWith(prefix)).map(({ gate }) => ({ path, gate })),
    );
}

function reportOf(results: Results, learningRate: number): StepReport {
  const metrics = Object.entries(stripped(METRIC, results));
  return {
    loss: results.loss![0] as number,
    gradientNorm: results.gradient_norm![0] as number,
    learningRate,
    metrics: Object.fromEntries(metrics.map(([name, data]) => [name, data[0] as number])),
  };
}
