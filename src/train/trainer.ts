/** A run in motion: values, compiled step, and the schedules and random draws that feed it. */
import { drawViewParameters, PARAMETER_COUNT } from "../augment/view-parameters.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import type { Batch } from "../data/loader.ts";
import { AfterimageError } from "../errors.ts";
import { findMethod } from "../methods/index.ts";
import type { Method, Plan, ViewGroup } from "../methods/method.ts";
import { randomStream } from "../random/random-stream.ts";
import { type Dialect, dialectOf } from "../runtime/dialect.ts";
import {
  createSession,
  type Feeds,
  type Results,
  type Session,
  type SessionOptions,
} from "../runtime/session.ts";
import { sizeOf } from "../tensor/index.ts";
import { optimizerFor } from "./optimizer-for.ts";
import { type RunConfig, stepsPerEpoch } from "./run-config.ts";
import { type ScalarPlan, scalarPlan } from "./scalar-plan.ts";
import { buildStep, GRADIENT_SUM, NEXT, type StepGraph } from "./step-graph.ts";
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
  readonly #groups: readonly ViewGroup[];
  readonly #graph: StepGraph;
  readonly #scalars: ScalarPlan;
  readonly #sessions: readonly Session[];

  private constructor(config: RunConfig, parts: TrainerParts, sessions: readonly Session[]) {
    this.config = config;
    this.method = parts.method;
    this.backbone = parts.backbone;
    this.plan = parts.plan;
    this.#groups = parts.groups;
    this.#graph = parts.graph;
    this.#scalars = parts.scalars;
    this.#sessions = sessions;
    this.values = initialValues(parts.graph.variables, parts.graph.slots, config.seed);
  }

  /** Builds and compiles the step of a configuration, with its first values. */
  static async create(config: RunConfig, options: SessionOptions): Promise<Trainer> {
    const parts = buildParts(config, await dialectOf(options));
    const { programs } = parts.graph;
    const all = "step" in programs ? [programs.step] : [programs.gradient, programs.update];
    const sessions: Session[] = [];
    for (const program of all) sessions.push(await createSession(program, options));
    return new Trainer(config, parts, sessions);
  }

  /** The encoder's values as they are now, by bare name. */
  get encoderValues(): Values {
    return encoderValues(this.values, this.method.encoder);
  }

  /**
   * One optimiser step (0-based `step` of the run) on a batch.
   *
   * @throws AfterimageError `train/not-finite` when the loss or the gradient is no finite number; the values are
   * then still those before the step.
   */
  async step(batch: Batch, step: number): Promise<StepReport> {
    const scalars = this.#scalars.at(step);
    const results = await (this.config.accumulate === 1
      ? this.#sessions[0]!.run(this.#feeds(batch, step, 0, scalars))
      : this.#accumulate(batch, step, scalars));
    const report = this.#report(results, scalars.learning_rate![0]!);
    requireFinite(report, step);
    this.#keep(results);
    return report;
  }

  /** Shapes of `values`, by path. */
  get shapes(): ReadonlyMap<string, readonly number[]> {
    return new Map([
      ...this.#graph.variables.map(({ path, shape }) => [path, shape] as const),
      ...this.#graph.slots,
    ]);
  }

  async release(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }

  /** Gradients part by part into sums, then one update with their mean. */
  async #accumulate(batch: Batch, step: number, scalars: Record<string, Float32Array>): Promise<Results> {
    const parts = this.config.accumulate;
    let sums: Results = {};
    for (const { path, shape } of this.#graph.variables.filter(({ kind }) => kind === "parameter")) {
      sums[`${GRADIENT_SUM}${path}`] = new Float32Array(sizeOf(shape));
    }
    const total: Record<string, number> = {};
    const before = new Map(this.values);
    let states: Results = {};
    for (let part = 0; part < parts; part++) {
      const fresh = Object.fromEntries(
        Object.entries(states).map(([name, data]) => [name.slice(NEXT.length), data]),
      );
      const results = await this.#sessions[0]!.run({
        ...this.#feeds(batch, step, part, scalars),
        ...sums,
        ...fresh,
      });
      const isSum = (name: string) => name.startsWith(`${NEXT}${GRADIENT_SUM}`);
      sums = rename(results, isSum, (name) => name.slice(NEXT.length));
      states = rename(
        results,
        (name) => name.startsWith(NEXT) && !isSum(name),
        (name) => name,
      );
      for (const name of Object.keys(results).filter((key) => !key.startsWith(NEXT))) {
        total[name] = (total[name] ?? 0) + (results[name]![0] as number) / parts;
      }
    }
    const updated = await this.#sessions[1]!.run({ ...Object.fromEntries(before), ...scalars, ...sums });
    const means = Object.fromEntries(
      Object.entries(total).map(([name, value]) => [name, Float32Array.of(value)]),
    );
    return { ...means, ...states, ...updated };
  }

  #feeds(batch: Batch, step: number, part: number, scalars: Record<string, Float32Array>): Feeds {
    const size = this.config.batchSize / this.config.accumulate;
    const rows = { start: part * size, end: (part + 1) * size };
    const pixels = batch.pictures.length / this.config.batchSize;
    return {
      ...Object.fromEntries(this.values),
      ...scalars,
      ...this.#views(batch, step, rows),
      ...this.#masks(step, part),
      pictures: batch.pictures.subarray(rows.start * pixels, rows.end * pixels),
    };
  }

  /** Views are drawn by picture, not by place in the batch, so that no sharding or resuming changes them. */
  #views(batch: Batch, step: number, rows: { start: number; end: number }): Record<string, Float32Array> {
    const epoch = Math.floor(step / this.plan.stepsPerEpoch);
    const feeds: Record<string, Float32Array> = {};
    for (const { name, views } of this.#groups) {
      for (const [index, spec] of views.entries()) {
        const parameters = new Float32Array((rows.end - rows.start) * PARAMETER_COUNT);
        for (let row = rows.start; row < rows.end; row++) {
          const random = randomStream(this.config.seed, `view/${name}.${index}`, epoch, batch.indices[row]!);
          const picture = { height: batch.heights[row]!, width: batch.widths[row]! };
          drawViewParameters(spec, picture, random, parameters, (row - rows.start) * PARAMETER_COUNT);
        }
        feeds[`view:${name}.${index}`] = parameters;
      }
    }
    return feeds;
  }

  #masks(step: number, part: number): Record<string, Float32Array> {
    return Object.fromEntries(
      this.#graph.masks.map(({ name, shape, keep }) => {
        const random = randomStream(this.config.seed, name, step, part);
        return [
          name,
          Float32Array.from({ length: sizeOf(shape) }, () => (random.chance(keep) ? 1 / keep : 0)),
        ];
      }),
    );
  }

  #report(results: Results, learningRate: number): StepReport {
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

  #keep(results: Results): void {
    for (const [name, data] of Object.entries(results)) {
      if (name.startsWith(NEXT)) this.values.set(name.slice(NEXT.length), data as Float32Array);
    }
  }
}

interface TrainerParts {
  method: Method;
  backbone: Backbone;
  plan: Plan;
  groups: readonly ViewGroup[];
  graph: StepGraph;
  scalars: ScalarPlan;
}

function buildParts(config: RunConfig, dialect: Dialect): TrainerParts {
  const method = findMethod(config.method.name);
  const { settings } = config.method;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const perEpoch = stepsPerEpoch(config);
  const { epochs, batchSize, imageSize } = config;
  const plan: Plan = { steps: perEpoch * epochs, stepsPerEpoch: perEpoch, epochs, batchSize };
  const situation = { pictures: config.data.pictures, imageSize, batchSize, epochs, family: backbone.family };
  const groups = method.views(settings, situation);
  const own = method.scalars(settings, plan);
  const graph = buildStep({
    method,
    settings,
    backbone,
    groups,
    optimizer: optimizerFor(config.training.optimizer),
    clip: config.training.clip,
    canvas: config.canvas,
    batchSize: batchSize / config.accumulate,
    scalarNames: Object.keys(own),
    accumulate: config.accumulate,
    dialect,
  });
  const gated = graph.variables
    .filter(({ kind }) => kind === "parameter")
    .flatMap(({ path }) =>
      method.gates.filter(({ prefix }) => path.startsWith(prefix)).map(({ gate }) => ({ path, gate })),
    );
  return { method, backbone, plan, groups, graph, scalars: scalarPlan(config.training, plan, own, gated) };
}

function rename(results: Results, pick: (name: string) => boolean, to: (name: string) => string): Results {
  const picked = Object.entries(results).filter(([name]) => pick(name));
  return Object.fromEntries(picked.map(([name, data]) => [to(name), data]));
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
