/**
 * The promise of `--micro-batch`, for every method of the list: the loss and the gradient are those of the
 * whole batch, except that batch norm sees one part at a time.
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
 * The pictures of two steps. Two parts with the same pictures have the batch statistics of the whole, and a
 * picture has the same views at every place. So even with batch norm, the parts of such a batch give the step
 * of the whole. The second part has another order, so rows of the wrong part would show.
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
 * With a rate of 0 the momentum is the gradient, and both steps have the same weights. Rounding in the
 * weights would choose other neighbours and other sides of a ReLU. The trainer's own test holds that weights
 * follow gradients.
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
// Parts with the same pictures have the correlations of the whole. Parts with other pictures have others.
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
 * A value that is 0 except for rounding has no relative error, so a gradient's error is relative to at least
 * a thousandth of the largest gradient.
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

/** Batch norm keeps the unbiased variance of a part, which necessarily differs from that of the whole. */
const withoutVariances = (values: Values): Values =>
  new Map([...values].filter(([path]) => !path.endsWith(".running_var")));

describe.each(Object.entries(CASES))("%s", (_name, choices) => {
  it("has in parts the loss, the gradient and the state of the whole batch", async () => {
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
