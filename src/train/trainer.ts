/** A run in motion: values, the compiled step, and what feeds it. */
import type { Backbone } from "../backbones/backbone.ts";
import type { Batch } from "../data/loader.ts";
import type { Method, Plan } from "../methods/method.ts";
import { dialectOf } from "../runtime/dialect.ts";
import type { Results } from "../runtime/session.ts";
import { type CompiledStep, compileStep, type LoadOptions } from "./compiled-step.ts";
import { type DescribedRun, describeRun } from "./describe-run.ts";
import { frozenSteps } from "./frozen-steps.ts";
import { HostMemories, initialMemories } from "./host-memories.ts";
import { requireFinite } from "./require-finite.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunCourse } from "./run-course.ts";
import { type ScalarPlan, scalarPlan } from "./scalar-plan.ts";
import { StepFeeds } from "./step-feeds.ts";
import { NEXT } from "./update.ts";
import { encoderValues, initialValues, type Values } from "./values.ts";

export interface StepReport {
  loss: number;
  gradientNorm: number;
  learningRate: number;
  metrics: Record<string, number>;
}

export class Trainer {
  #config: RunConfig;
  readonly method: Method;
  /** The encoder that is trained: the backbone, or what the method makes of it. */
  readonly encoder: Backbone;
  /** Parameters, state and optimiser slots by path, replaced at every step; and memories, which are written in place. */
  readonly values: Values;
  /**
   * Initial epochs to leave out when judging the loss curve: the rows of a memory are random until their
   * pictures have been seen, and a frozen layer changes the loss.
   */
  readonly unsettledEpochs: number;
  readonly #step: CompiledStep;
  readonly #feeds: StepFeeds;
  #plan: Plan;
  #course: RunCourse;
  #scalars: ScalarPlan;
  readonly #memories: HostMemories;

  private constructor(config: RunConfig, described: DescribedRun, step: CompiledStep) {
    const { plan, course, own, options, encoder } = described;
    this.#config = config;
    this.method = options.method;
    this.encoder = encoder;
    this.#plan = plan;
    this.#step = step;
    this.#feeds = new StepFeeds(config.seed, plan, { ...options, masks: step.graph.masks });
    this.#course = course;
    this.#scalars = this.#scalarsOf(described);
    const { seed } = config;
    const { memories, pictures } = options;
    this.values = new Map([
      ...initialValues(step.graph.variables, step.graph.slots, seed),
      ...initialMemories(memories, pictures, seed),
    ]);
    this.#memories = new HostMemories(seed, memories, pictures, this.values);
    const frozen = frozenSteps(options.method, own, plan.steps);
    this.unsettledEpochs = Math.max(memories.length > 0 ? 1 : 0, Math.ceil(frozen / plan.stepsPerEpoch));
  }

  /**
   * Builds and compiles the step of a configuration, with its first values. A method that is not in the list of methods
   * can be handed over.
   */
  static async create(config: RunConfig, options: LoadOptions & { method?: Method }): Promise<Trainer> {
    const described = describeRun(config, options.method);
    const dialect = await dialectOf(options);
    return new Trainer(config, described, await compileStep({ ...described.options, dialect }, options));
  }

  get config(): RunConfig {
    return this.#config;
  }

  /** What the schedules are made for. */
  get plan(): Plan {
    return this.#plan;
  }

  /** The number of steps until the end, as it is decided now. */
  get steps(): number {
    return this.#course.steps;
  }

  /** Goes on with a configuration whose epochs, pictures or optimiser's numbers were changed. */
  follow(config: RunConfig): void {
    const described = describeRun(config, this.method);
    this.#config = config;
    this.#plan = described.plan;
    this.#course = described.course;
    this.#scalars = this.#scalarsOf(described);
  }

  /** The encoder's values as they are now, by bare name. */
  get encoderValues(): Values {
    return encoderValues(this.values, this.method.encoder);
  }

  /** Paths of the values that are state: neither learned, nor the optimiser's, nor a memory. */
  get states(): ReadonlySet<string> {
    const states = this.#step.graph.variables.filter(({ kind }) => kind === "state");
    return new Set(states.map(({ path }) => path));
  }

  /** Whether a step is computed in parts. */
  get isSplit(): boolean {
    return this.config.microBatch < this.config.batchSize;
  }

  /** Whether there are layers whose statistics are those of the pictures computed with at a time. */
  get hasBatchNorm(): boolean {
    return this.#step.graph.variables.some(({ path }) => path.endsWith(".running_mean"));
  }

  /**
   * One optimiser step (0-based `step` of the run) on a batch, whose parts must have the configuration's micro-batch.
   *
   * @throws AfterimageError `train/not-finite` when the loss, the gradient or any next value is not finite; the values
   * are then still those before the step.
   */
  async step(batch: Batch, step: number): Promise<StepReport> {
    const scalars = this.#scalars.at(step);
    const results = await this.#step.run({
      batch,
      values: { ...Object.fromEntries(this.values), ...scalars },
      feedsOf: (part) => this.#feeds.of(part, step),
      lossFeeds: {
        ...this.#feeds.ofLoss(batch.indices, step),
        ...this.#memories.feeds(batch.indices, step),
      },
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

  #scalarsOf({ plan, own, course }: DescribedRun): ScalarPlan {
    const gated = gatedParameters(this.method, this.#step);
    return scalarPlan(this.#config.training, plan, own, gated, course.placeOf);
  }

  #keep(results: Results): void {
    for (const [name, data] of Object.entries(results)) {
      if (name.startsWith(NEXT)) this.values.set(name.slice(NEXT.length), data as Float32Array);
    }
  }
}

/** Parameters that the method may hold still, each with its gate. */
export function gatedParameters(
  { gates }: Method,
  { graph }: Pick<CompiledStep, "graph">,
): { path: string; gate: string }[] {
  return graph.variables
    .filter(({ kind }) => kind === "parameter")
    .flatMap(({ path }) =>
      gates.filter(({ prefix }) => path.startsWith(prefix)).map(({ gate }) => ({ path, gate })),
    );
}

function reportOf(results: Results, learningRate: number): StepReport {
  const metrics = Object.entries(results).filter(([name]) => name.startsWith("metric:"));
  return {
    loss: results.loss![0] as number,
    gradientNorm: results.gradient_norm![0] as number,
    learningRate,
    metrics: Object.fromEntries(
      metrics.map(([name, data]) => [name.slice("metric:".length), data[0] as number]),
    ),
  };
}
