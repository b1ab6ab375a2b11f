/**
 * Three whole steps of a method against a reference in PyTorch. Weights, views and draws are the same on both
 * sides; the loss, every parameter and every state are compared. scripts/method_reference.py is the other
 * side.
 */

import { methodOfRun } from "../../src/methods/method-of-run.ts";
import { AUTHORS_FROM } from "../../src/methods/recipes/short-runs.ts";
import { type Choices, configure } from "../../src/runs/configure/configure.ts";
import { dialectOf } from "../../src/runtime/dialect.ts";
import { createSession, runOnce } from "../../src/runtime/session.ts";
import { compile, input, sizeOf, type TensorData } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { buildStep } from "../../src/train/forms/whole-step.ts";
import { DRAW, MEMORY_INPUT, memoryPath, NEXT, stripped, TARGET, VIEW } from "../../src/train/graph-names.ts";
import { HostMemories, initialMemories, memoryShapes } from "../../src/train/host-memories.ts";
import type { ViewSource } from "../../src/train/network.ts";
import { scalarPlan } from "../../src/train/scalar-plan.ts";
import { StepFeeds } from "../../src/train/step-feeds.ts";
import { gatedParameters } from "../../src/train/trainer.ts";
import { initialValues, type Values } from "../../src/train/values.ts";
import { deterministic, deterministicWeight } from "./deterministic.ts";
import { type Fixture, readFixture } from "./fixtures.ts";
import { probe, probeError, relativeError } from "./probe.ts";

export const STEPS = 3;
/** 40 pictures of 16 pixels in batches of 8 for 10 epochs: 50 steps, of which the first three are taken. */
const PICTURES = 40;
const RUN = { imageSize: 16, canvas: 16, batchSize: 8, epochs: 10, seed: 0 };

/**
 * The training of the references, unless they say otherwise. The rate moves everything that has a gradient by
 * some percent.
 */
export const PLAIN_SGD: NonNullable<Choices["training"]> = {
  optimizer: "sgd",
  learningRate: 0.003,
  finalLearningRate: 0.003,
  warmupEpochs: 0,
  weightDecay: 1e-3,
  finalWeightDecay: 1e-3,
  clip: null,
};

/** For networks without corners (no ReLU), which allow large steps: every part moves by some percent. */
export const FAST_SGD: NonNullable<Choices["training"]> = { learningRate: 0.3, finalLearningRate: 0.3 };

/** For steep losses, where steps at the plain rate magnify rounding. */
export const SLOW_SGD: NonNullable<Choices["training"]> = { learningRate: 0.001, finalLearningRate: 0.001 };

/** ResNet-18 with an eighth of its channels. */
export const NARROW_RESNET: Choices = { backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 8 } };
/**
 * The same with group norm. Batch norm over few values magnifies rounding, so its steps agree to fewer
 * digits.
 */
export const GROUPED_RESNET: Choices = {
  ...NARROW_RESNET,
  backboneOptions: { ...NARROW_RESNET.backboneOptions, norm: "group" },
};
/** Two blocks of 24 features over 4×4 patches of 4 pixels. */
export const TINY_VIT: Choices = { backbone: "vit_tiny", backboneOptions: { patch: 4, dropPath: 0 } };

export interface StepErrors {
  /** Relative error of each step's loss. */
  loss: number[];
  /**
   * Relative error of each value after the last step, by path; and of those after an earlier step, if the
   * fixture has them, by `<path>, step <n>`.
   */
  values: Map<string, number>;
  /** Relative error of each value's distance from its start, for steps so small that values hardly change. */
  moves: Map<string, number>;
  /** Names that only one side has. */
  unmatched: string[];
}

/**
 * @param theme the fixture: test/fixtures/methods/<theme>.safetensors, which also holds the draws and
 * targets of the steps.
 * @param choices the method, and its differences from its defaults.
 */
export async function methodSteps(theme: string, choices: Choices): Promise<StepErrors> {
  const fixture = readFixture(`methods/${theme}`);
  const config = configureAsLong({ ...choices, training: { ...PLAIN_SGD, ...choices.training } });
  const { name, settings } = config.backbone;
  if (name.startsWith("vit"))
    config.backbone = { name, settings: { ...settings, width: 24, depth: 2, heads: 3 } };
  const { plan, own, options } = describeRun(config);
  const graph = buildStep({ ...options, dialect: await dialectOf() }, viewInputs);
  const scalars = scalarPlan(config.training, plan, own, gatedParameters(options.objective, { graph }));
  const values = await firstValues(graph, options);
  const start = new Map([...values].map(([path, data]) => [path, probe(data)]));
  const memories = new HostMemories(config.seed, options.objective.memories, PICTURES, values);
  const feeds = new StepFeeds(config.seed, plan, { ...options.objective, masks: graph.masks });
  const session = await createSession(graph.program);
  const firstViews = fixture.setting<number>("first_views");
  const losses: number[] = [];
  const passed: [string, number][] = [];
  for (let step = 0; step < STEPS; step++) {
    const indices = Int32Array.from(
      { length: RUN.batchSize },
      (_, i) => (step * RUN.batchSize + i) % PICTURES,
    );
    const results = await session.run({
      ...Object.fromEntries(values),
      ...scalars.at(step),
      ...viewFeeds(graph.program.inputs, firstViews + step),
      ...feeds.ofLoss({ indices, start: 0, targets: {} }, step),
      ...memories.feeds(indices, step),
      ...storedDraws(fixture, step, values),
      ...storedTargets(fixture, step),
    });
    losses.push(results.loss![0] as number);
    for (const [path, data] of Object.entries(stripped(NEXT, results)))
      values.set(path, data as Float32Array);
    memories.write(results, indices, step);
    for (const [path, error] of errorsOf(fixture, `after step ${step + 1}/`, values))
      passed.push([`${path}, step ${step + 1}`, error]);
  }
  await session.release();
  const errors = compare(fixture, losses, values, start);
  return { ...errors, values: new Map([...passed, ...errors.values]) };
}

/**
 * The settings of a run of many steps, because the references have the authors' settings. The schedules are
 * those of few steps.
 */
function configureAsLong(choices: Choices) {
  const pictures = { path: "", fingerprint: "", pictures: PICTURES };
  const epochs = Math.ceil((AUTHORS_FROM * RUN.batchSize) / PICTURES);
  const { method = "simclr" } = choices;
  return { ...configure({ ...RUN, ...choices, epochs }, pictures, methodOfRun(method)), epochs: RUN.epochs };
}

const viewInputs: ViewSource = ({ objective }, count) =>
  Object.fromEntries(
    objective.views.map(({ name, views }) => {
      const { size } = views[0]!;
      return [name, input(`${VIEW}${name}`, [views.length * count, 3, size, size])];
    }),
  );

function viewFeeds(inputs: readonly { name: string; shape: readonly number[] }[], number: number) {
  const views = inputs.filter(({ name }) => name.startsWith(VIEW));
  return Object.fromEntries(
    views.map(({ name, shape }) => [
      name,
      deterministic(`${name.slice(VIEW.length)}.${number}`, sizeOf(shape), 2),
    ]),
  );
}

/**
 * The reference's draws for a step, `draw/<step>/<name>`, and the rows of a bank that it saw,
 * `draw/<step>/pool:<name>`.
 */
function storedDraws(fixture: Fixture, step: number, values: Values): Record<string, TensorData> {
  const prefix = `draw/${step}/`;
  return Object.fromEntries(
    fixture.endings(prefix).map((name) => {
      const data = fixture.get(`${prefix}${name}`).data as TensorData;
      if (!name.startsWith(MEMORY_INPUT.pool)) return [`${DRAW}${name}`, data];
      const rows = values.get(memoryPath(name.slice(MEMORY_INPUT.pool.length)))!;
      const width = rows.length / PICTURES;
      return [
        name,
        Float32Array.from(
          [...(data as Int32Array)].flatMap((row) => [...rows.subarray(row * width, (row + 1) * width)]),
        ),
      ];
    }),
  );
}

/** The reference's targets of a step, `target/<step>/<name>`. */
function storedTargets(fixture: Fixture, step: number): Record<string, TensorData> {
  const prefix = `target/${step}/`;
  return Object.fromEntries(
    fixture
      .endings(prefix)
      .map((name) => [`${TARGET}${name}`, fixture.get(`${prefix}${name}`).data as TensorData]),
  );
}

/**
 * Weights by their path, projected if they have a constraint, with the teacher's equal to the student's.
 * Other state has its initial values; memories have unit rows. Where the teacher averages everything, all
 * state is weights or statistics.
 */
async function firstValues(
  { variables, slots }: ReturnType<typeof buildStep>,
  { objective, pictures }: ReturnType<typeof describeRun>["options"],
): Promise<Values> {
  const values = initialValues(variables, slots, 0);
  const learned = new Set(variables.filter(({ kind }) => kind === "parameter").map(({ path }) => path));
  for (const { path, shape } of variables) {
    const isStatistic = /\.(running_mean|running_var)$/.test(path);
    const bare = path.replace(/^teacher\./, "");
    if (learned.has(bare) || isStatistic || objective.teacher?.averagesAll)
      values.set(path, deterministicWeight(bare, shape));
  }
  for (const { path, shape } of variables) {
    const constraint = objective.constraints.find(({ prefix }) => path.startsWith(prefix));
    if (constraint === undefined) continue;
    const program = compile({ projected: constraint.project(input(path, shape)) });
    const { projected } = await runOnce(program, { [path]: values.get(path)! });
    values.set(path, projected as Float32Array);
  }
  const shapes = memoryShapes(objective.memories, pictures);
  for (const path of initialMemories(objective.memories, pictures, 0).keys())
    values.set(path, unitRows(deterministic(path, sizeOf(shapes.get(path)!)), shapes.get(path)![1]));
  return values;
}

function unitRows(values: Float32Array, width: number): Float32Array {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const norm = Math.hypot(...row);
    for (let i = 0; i < width; i++) row[i]! /= norm;
  }
  return values;
}

function compare(
  fixture: Fixture,
  losses: readonly number[],
  values: Values,
  start: ReadonlyMap<string, number[]>,
): StepErrors {
  const loss = losses.map((value, step) => relativeError([value], [fixture.numbers("loss")[step]!]));
  const kept = [...values].filter(([path]) => !path.startsWith("optimizer."));
  const expected = new Set(fixture.endings("after/"));
  const errors = errorsOf(fixture, "after/", values);
  const unmatched = [
    ...kept.map(([path]) => path).filter((path) => !expected.has(path)),
    ...[...expected].filter((path) => !values.has(path)),
  ];
  const moves = errors.map(([path]) => {
    const move = (after: ArrayLike<number>) =>
      // Only the entries: the norm and the magnitude are left out.
      start.get(path)!.flatMap((from, i) => (i < 2 ? [] : [after[i]! - from]));
    const error = relativeError(move(probe(values.get(path)!)), move(fixture.floats(`after/${path}`)));
    return [path, error] as const;
  });
  return { loss, values: new Map(errors), moves: new Map(moves), unmatched };
}

/** The relative error of each value of which the fixture has a probe under this prefix, by path. */
function errorsOf(fixture: Fixture, prefix: string, values: Values): (readonly [string, number])[] {
  const known = fixture.endings(prefix).filter((path) => values.has(path));
  return known.map((path) => [path, probeError(values.get(path)!, fixture.floats(`${prefix}${path}`))]);
}

/** The largest error of a run and its place, for a message that says more than a number. */
export function worst({ loss, values }: StepErrors): { error: number; where: string } {
  return largest([...loss.map((error, step) => [`loss of step ${step + 1}`, error] as const), ...values]);
}

/** The same for the distances of values from their starts. */
export function worstMove({ moves }: StepErrors): { error: number; where: string } {
  return largest([...moves]);
}

function largest(all: (readonly [string, number])[]): { error: number; where: string } {
  const [where, error] = all.reduce((a, b) => (b[1] > a[1] || Number.isNaN(b[1]) ? b : a));
  return { error, where };
}
