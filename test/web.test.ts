/**
 * One graph everywhere: the steps of a ResNet and of a ViT run in onnxruntime-web's Wasm, and have the losses that they
 * have on the native runtime, with and without the layouts that only that one knows.
 */
import * as web from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { batches } from "../src/data/loader.ts";
import type { Choices } from "../src/jobs/configure.ts";
import { type Dialect, dialectOf } from "../src/runtime/dialect.ts";
import { createSession, type Feeds, type Results } from "../src/runtime/session.ts";
import type { Program, TensorData } from "../src/tensor/index.ts";
import { describeRun } from "../src/train/describe-run.ts";
import { scalarPlan } from "../src/train/scalar-plan.ts";
import { StepFeeds } from "../src/train/step-feeds.ts";
import { buildStep } from "../src/train/step-graph.ts";
import { gatedParameters } from "../src/train/trainer.ts";
import { NEXT } from "../src/train/update.ts";
import { initialValues } from "../src/train/values.ts";
import { relativeError } from "./support/probe.ts";
import { TINY_DINO, TINY_SIMCLR, tinyConfig, tinyPictures } from "./support/tiny-run.ts";

const STEPS = 3;
/** Batches and channels that fill blocks of 16. */
const RESNET: Choices = { ...TINY_SIMCLR, backboneOptions: { widthMultiplier: 1 / 4 }, batchSize: 16 };
const VIT: Choices = { ...TINY_DINO, batchSize: 8 };

type Run = (feeds: Feeds) => Promise<Results>;

async function native(program: Program): Promise<Run> {
  const session = await createSession(program, { threads: 2 });
  return (feeds) => session.run(feeds);
}

async function inWasm({ bytes, inputs, outputs }: Program): Promise<Run> {
  const session = await web.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    extra: { session: { set_denormal_as_zero: "1" } },
  });
  return async (feeds) => {
    const tensors = inputs.map(({ name, shape, dtype }) => [
      name,
      new web.Tensor(dtype as "float32", feeds[name] as Float32Array, [...shape]),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(outputs.map(({ name }) => [name, results[name]!.data as TensorData]));
  };
}

/** Losses of the first steps of a run, the weights carried on from step to step. */
async function losses(choices: Choices, dialect: Dialect, load: (program: Program) => Promise<Run>) {
  const config = tinyConfig(choices);
  const { options } = describeRun(config);
  const plan = { steps: 10, stepsPerEpoch: 10, epochs: 1, batchSize: config.batchSize };
  const own = options.method.scalars(options.settings, plan);
  const graph = buildStep({ ...options, dialect });
  const { batchSize, seed, training } = config;
  const scalars = scalarPlan(training, plan, own, gatedParameters(options.method, { graph }));
  const feeds = new StepFeeds(seed, plan, { ...options, masks: graph.masks });
  const values = initialValues(graph.variables, graph.slots, seed);
  const run = await load(graph.programs);
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    for await (const batch of batches(tinyPictures(), { batchSize, seed, epoch: step })) {
      for await (const part of batch.parts()) {
        const fed = { ...Object.fromEntries(values), ...scalars.at(step), ...feeds.of(part, step) };
        const results = await run(fed);
        found.push(results.loss![0] as number);
        for (const [name, data] of Object.entries(results))
          if (name.startsWith(NEXT)) values.set(name.slice(NEXT.length), data as Float32Array);
      }
      break;
    }
  }
  return found;
}

beforeAll(() => {
  web.env.wasm.numThreads = 1;
  web.env.logLevel = "fatal";
});

describe.each<[string, Choices]>([
  ["a ResNet with SimCLR", RESNET],
  ["a ViT with DINO", VIT],
])("the steps of %s", (_, choices) => {
  it("have equal losses in the browser's runtime and in the native one", async () => {
    const everywhere: Dialect = { contrib: true, blockSize: 0 };
    const reference = await losses(choices, everywhere, native);
    expect(new Set(reference).size).toBe(STEPS);
    expect(relativeError(await losses(choices, everywhere, inWasm), reference)).toBeLessThan(1e-4);
    expect(relativeError(await losses(choices, await dialectOf(), native), reference)).toBeLessThan(1e-4);
  });

  it("need nothing but ONNX's own operators", async () => {
    const plain: Dialect = { contrib: false, blockSize: 0 };
    const reference = await losses(choices, plain, native);
    expect(relativeError(await losses(choices, plain, inWasm), reference)).toBeLessThan(1e-4);
  });
});
