import { describe, expect, it } from "vitest";
import { TINY_METHODS, tinyConfig } from "../../../test/support/tiny-run.ts";
import { type Choices, configure } from "../../runs/configure/configure.ts";
import { PLAIN } from "../../runtime/dialect.ts";
import { describeRun } from "../../train/describe-run.ts";
import { buildStep } from "../../train/forms/whole-step.ts";
import { parseRunConfig, type RunConfig } from "../../train/run-config.ts";
import { scalarPlan } from "../../train/scalar-plan.ts";
import { continuedConfig } from "../resume/continued-config.ts";
import { settingNotes } from "./setting-notes.ts";

const notesOf = (choices: Choices, config: RunConfig) =>
  settingNotes(choices, config, describeRun(config).situation);

const HERE = { threads: 1, provider: "cpu", afterimage: "0", onnxruntime: "0" };
const DATA = { path: "x", fingerprint: "f", pictures: 1000 };

const warmed = (epochs: number, warmupEpochs: number): Choices => ({ epochs, training: { warmupEpochs } });

/** Learning rates of all steps. */
function ratesOf(config: RunConfig): number[] {
  const { plan, own } = describeRun(config);
  const scalars = scalarPlan(config.training, plan, own, []);
  return Array.from({ length: plan.steps }, (_, step) => scalars.at(step).learning_rate![0]!);
}

describe("a warm-up longer than its run", () => {
  const config = configure(warmed(2, 10), DATA);

  it("is kept as it is used, beside what was asked for, and said", () => {
    expect(config.training.warmupEpochs).toBe(2);
    expect(config.asked).toEqual({ "training.warmupEpochs": 10 });
    expect(notesOf(warmed(2, 10), config)).toEqual([
      "training.warmupEpochs is reduced from 10 to 2: the run has only 2 epochs, and all of it is warm-up",
    ]);
    expect(parseRunConfig(JSON.parse(JSON.stringify(config)), "config.json")).toEqual(config);
  });

  it("has the rates that a configuration without this record has, fractions of epochs too", () => {
    for (const epochs of [2, 1.3, 0.5, 0.01]) {
      const settled = configure(warmed(epochs, 10), DATA);
      const { asked: _, ...old } = settled;
      const before = { ...old, training: { ...old.training, warmupEpochs: 10 } };
      expect(ratesOf(settled)).toEqual(ratesOf(before));
      expect(continuedConfig({}, before, HERE, "run").changes).toEqual([]);
    }
  });

  it("is what was asked for again in a run that is given more epochs", () => {
    const longer = continuedConfig({ epochs: 20 }, config, HERE, "run");
    expect(longer.config.training.warmupEpochs).toBe(10);
    expect(longer.config.asked).toBeUndefined();
    expect(longer.changes).toContainEqual({ name: "training.warmupEpochs", from: 2, to: 10 });
    const same = continuedConfig({}, config, HERE, "run");
    expect(same.config).toEqual({ ...config, environment: HERE });
    expect(same.changes).toEqual([]);
  });

  it("is not said of one that fits", () => {
    const fits = configure(warmed(20, 10), DATA);
    expect(fits.asked).toBeUndefined();
    expect(notesOf(warmed(20, 10), fits)).toEqual([]);
  });
});

/** All that a step depends on: graph, views and schedules. */
function stepOf(choices: Choices) {
  const config = tinyConfig(choices);
  const { options, own, plan } = describeRun(config);
  const { bytes } = buildStep({ ...options, dialect: PLAIN }).program;
  const scalars = scalarPlan(config.training, plan, own, []);
  const fed = Array.from({ length: plan.steps }, (_, step) => scalars.at(step));
  return { bytes: Buffer.from(bytes).toString("base64"), groups: options.objective.views, fed };
}

const TWO_LAYERS = { projectionLayers: 1 };

describe("a choice without effect", () => {
  it.each<[string, Choices, string, [unknown, unknown]]>([
    ["dino", { settings: { localCrops: 0 } }, "localSize", [8, 16]],
    [
      "dino",
      { settings: { localCrops: 0 } },
      "localScale",
      [
        [0.1, 0.2],
        [0.1, 0.4],
      ],
    ],
    ["dino", { settings: { teacherTemperatureWarmup: 0 } }, "teacherTemperatureStart", [0.04, 0.02]],
    ["dino", { settings: { headLayers: 1 } }, "headWidth", [16, 24]],
    ["dino", { settings: { headLayers: 1 } }, "headBatchNorm", [true, false]],
    ["swav", { settings: { queue: 0 } }, "queueStart", [0, 0.5]],
    ["instdisc", {}, "negatives", [24, 50]],
    ["cmc", { settings: { loss: "batch" } }, "negatives", [3, 5]],
    ["cmc", { settings: { loss: "batch" } }, "bankMomentum", [0.1, 0.5]],
    ["simclr", { settings: TWO_LAYERS }, "projectionWidth", [16, 24]],
    ["barlow-twins", { settings: TWO_LAYERS }, "projectionWidth", [16, 24]],
    ["cpc", { settings: { context: "gru" } }, "contextLayers", [1, 3]],
    [
      "dim",
      { settings: { priorWeight: 0 } },
      "discriminator",
      [
        [8, 8],
        [12, 10],
      ],
    ],
    ["simsiam", { settings: { predictor: false } }, "bottleneck", [4, 8]],
  ])("is said, and has none: %s %j %s", (method, base, name, values) => {
    const tiny = TINY_METHODS[method]!;
    const [one, other] = values.map((value) => ({
      ...{ ...tiny, method, settings: { ...tiny.settings, ...base.settings, [name]: value } },
    })) as [Choices, Choices];
    const notes = notesOf({ settings: { [name]: values[0] } }, tinyConfig(one));
    expect(notes).toEqual([expect.stringContaining(`the setting ${name} does not work as described: `)]);
    expect(stepOf(one)).toEqual(stepOf(other));
  });

  it.each<[Partial<Required<Choices>["training"]>, string, unknown]>([
    [{ decay: "cosine" }, "milestones", [0.5]],
    [{ decay: "cosine" }, "milestoneFactor", 0.5],
    [{ decay: "steps" }, "finalLearningRate", 0.01],
    [{ warmupEpochs: 0 }, "inclusiveWarmup", true],
    [{ optimizer: "adamw" }, "nesterov", true],
    [{ optimizer: "sgd" }, "rateInMomentum", false],
    [{ optimizer: "larc" }, "beta2", 0.9],
    [{ decay: "steps" }, "milestones", [0.5, 1]],
  ])("is said of the optimiser: %j %s", (base, name, value) => {
    const plain = { ...TINY_METHODS.simclr, training: base };
    const chosen = { ...TINY_METHODS.simclr, training: { ...base, [name]: value } };
    const notes = notesOf({ training: { [name]: value } }, tinyConfig(chosen));
    expect(notes).toEqual([expect.stringContaining(`training.${name} has no effect: `)]);
    if (name !== "milestones") expect(stepOf(chosen)).toEqual(stepOf(plain));
  });

  it("is said of milestones within the warm-up", () => {
    const training: Choices["training"] = { decay: "steps", milestones: [0.1, 0.8], warmupEpochs: 1 };
    expect(notesOf({ training }, tinyConfig({ training }))).toEqual([
      expect.stringContaining("0.1 of the run lies within the warm-up"),
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["dino", { freezeLastLayerEpochs: 5 }, "the run has 2 epochs, so this layer is frozen throughout"],
    ["swav", { freezePrototypesEpochs: 2 }, "frozen throughout and never learns"],
    ["moco-v2", { queue: 48 }, "it is longer than the 24 pictures"],
    ["ibot", { maskProbability: 0, maskRatio: [0.1, 0.2] }, "nothing is hidden"],
  ])("is said where it does something else: %s %j", (method, settings, note) => {
    const tiny = TINY_METHODS[method]!;
    const config = tinyConfig({ ...tiny, method, settings: { ...tiny.settings, ...settings } });
    expect(notesOf({ settings }, config)).toEqual([expect.stringContaining(note)]);
  });

  it("is not said of defaults, nor of choices with one", () => {
    for (const [method, tiny] of Object.entries(TINY_METHODS)) {
      const choices = { ...tiny, method };
      expect(notesOf({}, tinyConfig(choices))).toEqual([]);
    }
    const settings = { localCrops: 2, localSize: 8, headLayers: 3, headWidth: 16 };
    expect(notesOf({ settings }, tinyConfig({ ...TINY_METHODS.dino, method: "dino", settings }))).toEqual([]);
  });
});
