/** The first steps of a small run, on any runtime. */
import { batches } from "../../src/data/loader.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import type { Dialect } from "../../src/runtime/dialect.ts";
import { createSession, type Feeds, type Results, type SessionOptions } from "../../src/runtime/session.ts";
import type { Program } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { buildStep } from "../../src/train/forms/whole-step.ts";
import { NEXT, stripped, TEACHER_MOMENTUM } from "../../src/train/graph-names.ts";
import { scalarPlan } from "../../src/train/scalar-plan.ts";
import { StepFeeds } from "../../src/train/step-feeds.ts";
import { gatedParameters } from "../../src/train/trainer.ts";
import { initialValues } from "../../src/train/values.ts";
import { TINY_DINO, TINY_SIMCLR, tinyConfig, tinyPictures } from "./tiny-run.ts";

/** A step for each kind of network. The ResNet's batches and channels fill blocks of 16. */
export const STEP_CASES: Readonly<Record<string, Choices>> = {
  "a ResNet with SimCLR": { ...TINY_SIMCLR, backboneOptions: { widthMultiplier: 1 / 4 }, batchSize: 16 },
  "a ViT with DINO": { ...TINY_DINO, batchSize: 8 },
};

/** The same, as small as possible for slow runtimes, and a ResNet with the stem for larger pictures. */
export const SMALL_STEP_CASES: Readonly<Record<string, Choices>> = {
  "a ViT with DINO": TINY_DINO,
  "a ResNet whose stem has a max pool": {
    ...TINY_SIMCLR,
    backboneOptions: { ...TINY_SIMCLR.backboneOptions, stem: "imagenet" },
  },
  "a ResNet with SimCLR": TINY_SIMCLR,
};

export type Run = (feeds: Feeds) => Promise<Results>;
export type Load = (program: Program) => Promise<Run>;

/** Loads programs into the native runtime. */
export function native(options: SessionOptions = { threads: 2 }): Load {
  return async (program) => {
    const session = await createSession(program, options);
    return (feeds) => session.run(feeds);
  };
}

/** Losses of the first steps of a run, with weights carried from step to step. */
export async function stepLosses(
  choices: Choices,
  dialect: Dialect,
  load: Load,
  steps: number,
): Promise<number[]> {
  const config = tinyConfig(choices);
  const { options } = describeRun(config);
  const plan = { steps: 10, stepsPerEpoch: 10, epochs: 1, batchSize: config.batchSize };
  const { objective } = options;
  const momentum = objective.teacher?.momentum(plan);
  const own = { ...objective.scalars(plan), ...(momentum && { [TEACHER_MOMENTUM]: momentum }) };
  const graph = buildStep({ ...options, dialect });
  const { batchSize, seed, training } = config;
  const scalars = scalarPlan(training, plan, own, gatedParameters(objective, { graph }));
  const feeds = new StepFeeds(seed, plan, { ...objective, masks: graph.masks });
  const values = initialValues(graph.variables, graph.slots, seed);
  const run = await load(graph.program);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    for await (const batch of batches(tinyPictures(), { batchSize, seed, epoch: step })) {
      for await (const part of batch.parts()) {
        const fed = { ...Object.fromEntries(values), ...scalars.at(step), ...feeds.of(part, step) };
        const results = await run(fed);
        found.push(results.loss![0] as number);
        for (const [path, data] of Object.entries(stripped(NEXT, results)))
          values.set(path, data as Float32Array);
      }
      break;
    }
  }
  return found;
}
