/** The classifier that a fine-tuning begins with, against the linear probe of the same features. */
import { describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { fineTuningConfig, tinyLabelled, tinyVit } from "../../test/support/tiny-fine-tuning.ts";
import { linearProbe } from "../evaluate/linear-probe.ts";
import { linearRows } from "../evaluate/linear-rows.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { FineTuningSettings } from "../methods/recipes/fine-tuning.ts";
import { extractFeatures } from "../train/encoder.ts";
import { Trainer } from "../train/trainer.ts";
import { predictLogits } from "./classifier.ts";
import type { TaskKind } from "./label-task.ts";
import { learnHeadFirst } from "./learn-head-first.ts";
import { averagedValues, networkOfRun } from "./network-of-run.ts";
import { mostProbable } from "./read-logits.ts";

const EPOCHS = 20;

async function learned(kind: TaskKind, settings: Partial<FineTuningSettings> = {}) {
  const labelled = tinyLabelled(kind);
  const { dataset } = labelled;
  const own = { headEpochs: EPOCHS, smoothing: 0, ...settings };
  const trainer = await Trainer.create(fineTuningConfig(labelled, tinyVit(), own), { threads: 1 });
  const { config, values } = trainer;
  if (settings.keptHead) values.set("teacher.head.0.norm.bias", deterministic("norm", 12, 0.3));
  const done = await learnHeadFirst(trainer, { ...labelled, threads: 1 });
  await trainer.release();
  const network = { ...networkOfRun(config), imageSize: config.imageSize, threads: 1 };
  const { logits } = await predictLogits(dataset, { ...network, values: averagedValues(values) });
  const encoder = { backbone: trainer.encoder, values: trainer.encoderValues, imageSize: config.imageSize };
  const features = await extractFeatures(dataset, { ...encoder, threads: 1 });
  return { ...labelled, done, values, logits, features, seed: config.seed };
}

/** The kept layer, written plainly: linear, batch norm with running statistics, ReLU. */
function keptLayer({ rows, cols, data }: Matrix, values: ReadonlyMap<string, Float32Array>): Matrix {
  const at = (name: string) => values.get(`teacher.head.0.${name}`)!;
  const [weight, scale, shift] = [at("linear.weight"), at("norm.weight"), at("norm.bias")];
  const [mean, variance] = [at("norm.running_mean"), at("norm.running_var")];
  const width = scale.length;
  const out = Float32Array.from({ length: rows * width }, (_, place) => {
    const [row, j] = [Math.floor(place / width), place % width];
    let sum = 0;
    for (let d = 0; d < cols; d++) sum += data[row * cols + d]! * weight[j * cols + d]!;
    return Math.max(0, ((sum - mean[j]!) / Math.sqrt(variance[j]! + 1e-5)) * scale[j]! + shift[j]!);
  });
  return { rows, cols: width, data: out };
}

/** The probe's outputs for the pictures that it learned from, of labels or numbers. */
async function probeOf({ answers, seed }: Awaited<ReturnType<typeof learned>>, features: Matrix) {
  if (answers.kind === "classes") throw new Error("these are no rows");
  const loss = answers.kind === "several" ? ("sigmoid" as const) : ("squared" as const);
  const known = { train: features, test: features, seed, epochs: EPOCHS, threads: 1 };
  return (await linearRows({ ...known, trainRows: answers.rows, loss })).outputs;
}

describe("learnHeadFirst", () => {
  it("makes the classifier the linear probe of classes: it predicts the same of every picture", async () => {
    const got = await learned("classes");
    const { answers, features, seed } = got;
    if (answers.kind !== "classes") throw new Error("these are no classes");
    const labels = { trainLabels: answers.classes, testLabels: answers.classes, classes: 3 };
    const known = { train: features, test: features, ...labels, seed, epochs: EPOCHS, threads: 1 };
    const { predictions, accuracy } = await linearProbe(known);
    expect(got.done).toBe(true);
    expect([...mostProbable(got.logits)]).toEqual([...predictions]);
    expect(accuracy).toBeGreaterThan(0.5);
  });

  it.each(["several", "numbers"] as const)("has the outputs of the linear probe of %s", async (kind) => {
    const got = await learned(kind);
    const expected = await probeOf(got, got.features);
    expect(relativeError(got.logits.data, expected.data)).toBeLessThan(1e-4);
  });

  it("learns from what the kept layers make of the features", async () => {
    const got = await learned("several", { keptHead: { layers: 1, width: 12, norm: true } });
    const expected = await probeOf(got, keptLayer(got.features, got.values));
    expect(relativeError(got.logits.data, expected.data)).toBeLessThan(1e-4);
  });

  it("sets the network and its average to the same", async () => {
    const { values } = await learned("numbers");
    for (const name of ["classifier.weight", "classifier.bias"]) {
      expect(values.get(name)!.some((value) => value !== 0)).toBe(true);
      expect(values.get(`teacher.${name}`)).toEqual(values.get(name));
    }
  });

  it.each([{ headLayers: 2 }, { headEpochs: 0 }])(
    "leaves the classifier at zero with %o",
    async (settings) => {
      const { done, logits } = await learned("classes", settings);
      expect(done).toBe(false);
      expect(logits.data.every((value) => value === 0)).toBe(true);
    },
  );
});
