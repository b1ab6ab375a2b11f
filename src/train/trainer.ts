/** A run in motion: values, the compiled step, and what feeds it. */
import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import type { Batch } from "../data/loader.ts";
import { AfterimageError } from "../errors.ts";
import { findMethod } from "../methods/index.ts";
import type { Method, Plan } from "../methods/method.ts";
import { dialectOf } from "../runtime/dialect.ts";
import type { Results } from "../runtime/session.ts";
import { type CompiledStep, compileStep, type LoadOptions } from "./compiled-step.ts";
import type { StepOptions } from "./network.ts";
import { optimizerFor } from "./optimizer-for.ts";
import { type RunConfig, stepsPerEpoch } from "./run-config.ts";
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
  readonly config: RunConfig;
  readonly method: Method;
  readonly backbone: Backbone;
  readonly plan: Plan;
  /** Parameters, state and optimiser slots by path; replaced, never mutated, at every step. */
  readonly values: Values;
  readonly #step: CompiledStep;
  readonly #feeds: StepFeeds;
  readonly #scalars: ScalarPlan;

  private constructor(config: RunConfig, { plan, own, options }: Described, step: CompiledStep) {
    this.config = config;
    this.method = options.method;
    this.backbone = options.backbone;
    this.plan = plan;
    this.#step = step;
    this.#feeds = new StepFeeds(config.seed, plan, options.groups, step.graph.masks);
    this.#scalars = scalarPlan(config.training, plan, own, gatedParameters(options.method, step));
    this.values = initialValues(step.graph.variables, step.graph.slots, config.seed);
  }

  /** Builds and compiles the step of a configuration, with its first values. */
  static async create(config: RunConfig, options: LoadOptions): Promise<Trainer> {
    const described = describe(config);
    const dialect = await dialectOf(options);
    return new Trainer(config, described, await compileStep({ ...described.options, dialect }, options));
  }

  /** The encoder's values as they are now, by bare name. */
  get encoderValues(): Values {
    return encoderValues(this.values, this.method.encoder);
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
   * @throws AfterimageError `train/not-finite` when the loss or the gradient is no finite number; the values are
   * then still those before the step.
   */
  async step(batch: Batch, step: number): Promise<StepReport> {
    const scalars = this.#scalars.at(step);
    const results = await this.#step.run({
      batch,
      values: { ...Object.fromEntries(this.values), ...scalars },
      feedsOf: (part) => this.#feeds.of(part, step),
    });
    const report = reportOf(results, scalars.learning_rate![0]!);
    requireFinite(report, step);
    this.#keep(results);
    return report;
  }

  /** Shapes of `values`, by path. */
  get shapes(): ReadonlyMap<string, readonly number[]> {
    const { variables, slots } = this.#step.graph;
    return new Map([...variables.map(({ path, shape }) => [path, shape] as const), ...slots]);
  }

  async release(): Promise<void> {
    await this.#step.release();
  }

  #keep(results: Results): void {
    for (const [name, data] of Object.entries(results)) {
      if (name.startsWith(NEXT)) this.values.set(name.slice(NEXT.length), data as Float32Array);
    }
  }
}

interface Described {
  plan: Plan;
  /** The method's own schedules. */
  own: ReturnType<Method["scalars"]>;
  options: Omit<StepOptions, "dialect">;
}

/** What a configuration stands for. */
function describe(config: RunConfig): Described {
  const method = findMethod(config.method.name);
  const { settings } = config.method;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const perEpoch = stepsPerEpoch(config);
  const { epochs, batchSize, microBatch, imageSize, canvas } = config;
  const plan: Plan = { steps: perEpoch * epochs, stepsPerEpoch: perEpoch, epochs, batchSize };
  const { family, multipleOf } = backbone;
  const situation = { pictures: config.data.pictures, imageSize, batchSize, epochs, family, multipleOf };
  const own = method.scalars(settings, plan);
  const options = {
    ...{ method, settings, backbone, canvas, batchSize, microBatch },
    groups: method.views(settings, situation),
    optimizer: optimizerFor(config.training.optimizer),
    clip: config.training.clip,
    scalarNames: Object.keys(own),
  };
  return { plan, own, options };
}

function gatedParameters({ gates }: Method, { graph }: CompiledStep): { path: string; gate: string }[] {
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

function requireFinite({ loss, gradientNorm, learningRate }: StepReport, step: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw new AfterimageError("train/not-finite", {
    what: Number.isFinite(loss) ? "the gradient is not finite" : "the loss is not finite",
    where: `step ${step + 1}, learning rate ${learningRate.toPrecision(3)}`,
    got: `loss ${loss}, gradient norm ${gradientNorm}`,
    todo: "Lower the learning rate, lengthen the warm-up or clip the gradient, then resume from the last checkpoint.",
  });
}
