/**
 * The promise of `--micro-batch`, for every method of the list: the loss and the gradient are those of the
 * whole batch, but that batch norm sees one part at a time.
 */
import { describe, expect, it } from "vitest";
import type { Batch } from "../../src/data/loader.ts";
import { canvasBytes } from "../../src/data/picture-dataset.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { type StepReport, Trainer } from "../../src/train/trainer.ts";
import type { Values } from "../../src/train/values.ts";
import { relativeError } from "../support/probe.ts";
import { TINY_METHODS, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

const BATCH = 8;
const PART = 4;

/**
 * Pictures of two steps. Two parts of the same pictures have the batch statistics of the whole, and a picture
 * has the same views wherever it stands: so with batch norm too the parts of such a batch make the step of
 * the whole. The order is another one in the second part, or it would not matter which part's rows are whose.
 */
const ALIKE = [
  [0, 1, 2, 3, 2, 0, 3, 1],
  [4, 1, 5, 6, 1, 6, 4, 5],
];
const UNLIKE = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [8, 3, 9, 10, 11, 1, 12, 13],
];

/**
 * With a rate of 0 the momentum is the gradient, and both steps are taken with the same weights: what
 * rounding makes of these would be other neighbours and other sides of a ReLU. That weights follow gradients
 * is held by the trainer's own test.
 */
const STILL: NonNullable<Choices["training"]> = {
  ...{ optimizer: "sgd", decay: "cosine", warmupEpochs: 0, clip: null, weightDecay: 0, finalWeightDecay: 0 },
  ...{ learningRate: 0, finalLearningRate: 0 },
};

const dataset = tinyPictures();

function batchOf(places: readonly number[], partSize: number): Batch {
  const indices = Int32Array.from(places);
  async function* parts() {
    for (let start = 0; start < indices.length; start += partSize) {
      const own = indices.slice(start, start + partSize);
      const pictures = new Uint8Array(own.length * canvasBytes(dataset.canvas));
      await dataset.readBatch(own, pictures);
      const [heights, widths] = [dataset.heights, dataset.widths].map((all) => own.map((i) => all[i]!));
      yield { start, indices: own, pictures, heights: heights!, widths: widths!, targets: {} };
    }
  }
  return { step: 0, indices, targets: {}, parts };
}

const CASES: Record<string, Choices> = Object.fromEntries(
  Object.entries(TINY_METHODS).map(([method, choices]) => [method, { ...choices, method }]),
);
// Parts alike have the correlations of the whole, which are not to be those of parts unlike.
CASES["barlow-twins, without batch norm"] = {
  ...CASES["barlow-twins"],
  backboneOptions: { widthMultiplier: 1 / 16, norm: "layer" },
  settings: { projectionLayers: 1, projectionOut: 16 },
};

async function train(choices: Choices, microBatch: number) {
  const config = tinyConfig({ ...choices, training: STILL, batchSize: BATCH, microBatch });
  const trainer = await Trainer.create(config, { threads: 1 });
  const reports: StepReport[] = [];
  const steps = trainer.hasBatchNorm ? ALIKE : UNLIKE;
  for (const [step, places] of steps.entries())
    reports.push(await trainer.step(batchOf(places, microBatch), step));
  await trainer.release();
  return { trainer, reports };
}

/** Errors in the batch statistics of a few pictures are divided by small deviations, layer after layer. */
const toleranceOf = ({ hasBatchNorm }: Trainer) => (hasBatchNorm ? 2e-4 : 1e-5);

const isGradient = (path: string) => path.startsWith("optimizer.momentum/");

const largestOf = (data: Float32Array) => Math.max(...data.map(Math.abs));

/**
 * What is 0 but for rounding has no relative error: a gradient is held against a thousandth of the largest
 * one at least.
 */
function largestError(own: Values, reference: Values): { error: number; path: string } {
  const gradients = [...reference].filter(([path]) => isGradient(path)).map(([, data]) => largestOf(data));
  const largestGradient = Math.max(...gradients);
  const errors = [...reference].map(([path, data]) => {
    const scale = Math.max(largestOf(data), 1e-3 * (isGradient(path) ? largestGradient : 1));
    return { path, error: largestOf(data.map((value, i) => value - own.get(path)![i]!)) / scale };
  });
  return errors.reduce((worst, each) => (each.error <= worst.error ? worst : each));
}

/** The unbiased variance that batch norm keeps of a part is by its nature not that of the whole. */
const withoutVariances = (values: Values): Values =>
  new Map([...values].filter(([path]) => !path.endsWith(".running_var")));

describe.each(Object.entries(CASES))("%s", (_name, choices) => {
  it("has in parts the loss and the gradient of the whole batch, and keeps what the whole would", async () => {
    const [whole, parts] = [await train(choices, BATCH), await train(choices, PART)];
    const tolerance = toleranceOf(whole.trainer);
    for (const [step, { loss, gradientNorm }] of whole.reports.entries()) {
      const own = parts.reports[step]!;
      expect(relativeError([own.loss], [loss]), `loss of step ${step + 1}`).toBeLessThan(1e-5);
      expect(relativeError([own.gradientNorm], [gradientNorm])).toBeLessThan(tolerance);
    }
    const { error, path } = largestError(
      withoutVariances(parts.trainer.values),
      withoutVariances(whole.trainer.values),
    );
    expect(error, path).toBeLessThan(tolerance);
    expect([...parts.trainer.values.keys()].sort()).toEqual([...whole.trainer.values.keys()].sort());
  });
});
