import { describe, expect, it } from "vitest";
import { relativeError } from "../../test/support/probe.ts";
import {
  type Choices,
  TINY_DINO,
  TINY_METHODS,
  TINY_SIMCLR,
  tinyConfig,
  tinyPictures,
} from "../../test/support/tiny-run.ts";
import { type Batch, batches } from "../data/loader.ts";
import type { LoadOptions } from "./forms/compile-step.ts";
import { TEACHER } from "./graph-names.ts";
import { type StepReport, Trainer } from "./trainer.ts";

const pictures = tinyPictures();

/** SimCLR's head ends in a batch norm, which sees parts; a single linear layer does not. */
const VIT_WITHOUT_BATCH_NORM: Choices = {
  backbone: "vit_tiny",
  backboneOptions: { patch: 8, dropPath: 0 },
  settings: { projectionOut: 16, projectionLayers: 2, projectionNorm: false },
};

async function train(
  choices: Choices,
  steps: number,
  change?: (trainer: Trainer) => void,
  options: Partial<LoadOptions> = {},
) {
  const trainer = await Trainer.create(tinyConfig(choices), { threads: 1, ...options });
  try {
    change?.(trainer);
    const before = new Map(trainer.values);
    const reports: StepReport[] = [];
    await eachBatch(trainer, steps, async (batch, step) => {
      reports.push(await trainer.step(batch, step));
    });
    return { before, after: new Map(trainer.values), reports, trainer };
  } finally {
    await trainer.release();
  }
}

async function eachBatch(
  { config }: Trainer,
  steps: number,
  use: (batch: Batch, step: number) => Promise<void>,
): Promise<void> {
  const source = { batchSize: config.batchSize, partSize: config.microBatch, seed: 3, epoch: 0 };
  for await (const batch of batches(pictures, source)) {
    await use(batch, batch.step);
    if (batch.step + 1 === steps) break;
  }
}

const moved = (before: Map<string, Float32Array>, after: Map<string, Float32Array>, path: string) =>
  before.get(path)!.some((value, i) => value !== after.get(path)![i]);

describe("a training step", () => {
  it.each([
    ["NT-Xent", "1", false],
    ["DCL", "2", true],
  ])("starts with %s at ln(2B - %s) where all embeddings are equal", async (_name, less, decoupled) => {
    const choices = { ...TINY_SIMCLR, settings: { ...TINY_SIMCLR.settings, decoupled } };
    // A last norm with scale 0 and bias 1 gives every picture the same embedding.
    const { reports } = await train(choices, 1, ({ values }) => {
      values.set("head.1.norm.weight", new Float32Array(16));
      values.set("head.1.norm.bias", new Float32Array(16).fill(1));
    });
    expect(reports[0]!.loss).toBeCloseTo(Math.log(2 * 8 - Number(less)), 5);
  });

  it("gives the same bits when repeated", async () => {
    const [first, second] = [await train(TINY_SIMCLR, 2), await train(TINY_SIMCLR, 2)];
    expect(first.reports).toEqual(second.reports);
    for (const [path, data] of first.after) expect(second.after.get(path), path).toEqual(data);
  });

  it("moves every parameter of SimCLR once the learning rate is above zero", async () => {
    // The first step has a rate of 0. A block's last scale starts at 0, and has to change before the layers
    // below it can.
    const { before, after } = await train(TINY_SIMCLR, 3);
    const still = [...before.keys()].filter(
      (path) => !path.startsWith("optimizer") && !moved(before, after, path),
    );
    expect(still).toEqual([]);
  });

  it("moves DINO's teacher by its average alone", async () => {
    const { before, after, trainer } = await train({ ...TINY_DINO, training: { warmupEpochs: 0 } }, 1);
    const m = trainer.config.method.settings.teacherMomentum as number;
    const taught = [...after.keys()].filter(
      (path) => path.startsWith(`${TEACHER}.`) && !path.endsWith("weight_g"),
    );
    expect(taught.length).toBeGreaterThan(30);
    for (const path of taught) {
      const student = after.get(path.slice(TEACHER.length + 1))!;
      const expected = before.get(path)!.map((value, i) => m * value + (1 - m) * student[i]!);
      // 1 - m loses digits in float32.
      expect(relativeError(after.get(path)!, expected), path).toBeLessThan(1e-5);
    }
  });

  it("holds DINO's last layer still in the first epoch and lets go of it in the second", async () => {
    const held = await train({ ...TINY_DINO, training: { warmupEpochs: 0 } }, 1);
    expect(moved(held.before, held.after, "head.last_layer.weight_v")).toBe(false);
    expect(moved(held.before, held.after, "head.mlp.0.weight")).toBe(true);
    const { plan, unsettledEpochs } = held.trainer;
    expect(unsettledEpochs).toBe(Math.ceil(0.1 * plan.epochs));
    const free = { ...TINY_DINO.settings, freezeLastLayerEpochs: 0 };
    const open = await train({ ...TINY_DINO, settings: free, training: { warmupEpochs: 0 } }, 1);
    expect(moved(open.before, open.after, "head.last_layer.weight_v")).toBe(true);
    expect(open.trainer.unsettledEpochs).toBe(0);
  });

  it("stops with its step and leaves the values alone when the loss is not finite", async () => {
    const trainer = await Trainer.create(tinyConfig(TINY_SIMCLR), { threads: 1 });
    trainer.values.set("head.1.norm.weight", new Float32Array(16).fill(Number.NaN));
    const before = new Map(trainer.values);
    await eachBatch(trainer, 1, async (batch) => {
      await expect(trainer.step(batch, 0)).rejects.toMatchObject({ code: "train/not-finite" });
      await expect(trainer.step(batch, 0)).rejects.toThrow(/step 1, learning rate/);
    });
    for (const [path, data] of before) expect(trainer.values.get(path)).toBe(data);
    await trainer.release();
  });
});

/** Settings under which a step is a smooth function of the gradient, so that rounding stays rounding. */
const SGD = {
  warmupEpochs: 0,
  optimizer: "sgd",
  learningRate: 0.1,
  finalLearningRate: 0.1,
  clip: null,
} as const;

describe("a step in parts", () => {
  it.each<[string, Choices]>([
    [
      "for a loss that is the mean over pictures, its centre included",
      { ...TINY_DINO, settings: { ...TINY_DINO.settings, freezeLastLayerEpochs: 0 } },
    ],
    [
      "with patches hidden in each picture",
      { ...TINY_METHODS.ibot, method: "ibot", settings: { ...TINY_DINO.settings, freezeLastLayerEpochs: 0 } },
    ],
    [
      "with outputs balanced over the batch, and rates by block",
      {
        ...TINY_METHODS.dinov2,
        method: "dinov2",
        settings: { ...TINY_DINO.settings, freezeLastLayerEpochs: 0 },
      },
    ],
    ["for a loss that couples the batch", { ...TINY_SIMCLR, ...VIT_WITHOUT_BATCH_NORM }],
    [
      "with drop-path, which is drawn by picture",
      { ...TINY_SIMCLR, ...VIT_WITHOUT_BATCH_NORM, backboneOptions: { patch: 8, dropPath: 0.5 } },
    ],
    ["with a loss over patches, each with noise of its own", { method: "cpc", ...TINY_METHODS.cpc }],
  ])("is the whole step %s", async (_, choices) => {
    const whole = await train({ ...choices, training: SGD }, 2);
    for (const microBatch of [2, 4]) {
      const parts = await train({ ...choices, training: SGD, microBatch }, 2);
      for (const [step, { loss, gradientNorm }] of whole.reports.entries()) {
        expect(relativeError([parts.reports[step]!.loss], [loss])).toBeLessThan(1e-5);
        expect(relativeError([parts.reports[step]!.gradientNorm], [gradientNorm])).toBeLessThan(1e-5);
      }
      for (const [path, data] of whole.after)
        expect(relativeError(parts.after.get(path)!, data), path).toBeLessThan(1e-5);
      expect([...parts.after.keys()].sort()).toEqual([...whole.after.keys()].sort());
    }
  });

  it("is the same where its programs are loaded for the time of their use", async () => {
    const choices = { ...VIT_WITHOUT_BATCH_NORM, training: SGD, microBatch: 4 };
    const [stay, pass] = [await train(choices, 2), await train(choices, 2, undefined, { light: 0 })];
    expect(pass.reports).toEqual(stay.reports);
    for (const [path, data] of stay.after) expect(pass.after.get(path), path).toEqual(data);
  });

  it("has batch statistics of the parts, whose mean moves the running ones", async () => {
    const choices = { ...TINY_SIMCLR, training: SGD, microBatch: 4 };
    const { before, after, trainer } = await train(choices, 1);
    expect(trainer.isSplit).toBe(true);
    expect(moved(before, after, "backbone.bn1.running_mean")).toBe(true);
    expect(after.get("backbone.bn1.running_var")!.every((v) => v > 0 && v < 10)).toBe(true);
  });
});
