/** The steps of fine-tuning without PyTorch: in parts as in whole, what stands still, and the average. */
import { describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.ts";
import { layerOf } from "../../src/backbones/layer-rates.ts";
import type { FineTuningSettings } from "../../src/methods/recipes/fine-tuning.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { Trainer } from "../../src/train/trainer.ts";
import type { Values } from "../../src/train/values.ts";
import type { TaskKind } from "../../src/transfer/label-task.ts";
import { relativeError } from "../support/probe.ts";
import {
  fineTuningConfig,
  takeSteps,
  tinyLabelled,
  tinyResnet,
  tinyVit,
  wakeClassifier,
} from "../support/tiny-fine-tuning.ts";

interface Tiny {
  task: TaskKind;
  backbone: Backbone;
  settings?: Partial<FineTuningSettings>;
  choices?: Choices;
}

async function trainerOf({ task, backbone, settings = {}, choices = {} }: Tiny) {
  const labelled = tinyLabelled(task);
  const config = fineTuningConfig(labelled, backbone, settings, choices);
  const trainer = await Trainer.create(config, { threads: 1 });
  wakeClassifier(trainer);
  return { trainer, dataset: labelled.dataset };
}

/** With a rate of 0 the momentum is the gradient. */
const STILL: NonNullable<Choices["training"]> = {
  ...{ optimizer: "sgd", decay: "cosine", warmupEpochs: 0, clip: null, weightDecay: 0, finalWeightDecay: 0 },
  ...{ learningRate: 0, finalLearningRate: 0 },
};

const isGradient = (path: string) => path.startsWith("optimizer.momentum/");
const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The largest error, relative to each array and to at least a thousandth of the largest gradient. */
function worstOf(own: Values, reference: Values): { error: number; path: string } {
  const gradients = [...reference].filter(([path]) => isGradient(path)).map(([, data]) => largest(data));
  const floor = 1e-3 * Math.max(...gradients);
  return [...reference]
    .map(([path, data]) => {
      const error = largest(data.map((value, i) => value - own.get(path)![i]!));
      return { path, error: error / Math.max(largest(data), isGradient(path) ? floor : 1e-3) };
    })
    .reduce((worst, each) => (each.error <= worst.error ? worst : each));
}

/** Batch norm that stands still does not make the pictures of a batch depend on each other. */
const PARTS: [string, Tiny][] = [
  ["classes by a ResNet", { task: "classes", backbone: tinyResnet("group"), settings: { erasing: 0.5 } }],
  [
    "classes of unequal weight through a kept layer",
    {
      ...{ task: "classes", backbone: tinyResnet("group") },
      settings: { keptHead: { layers: 1, width: 12, norm: "group" }, classWeights: [1, 2, 0.5] },
    },
  ],
  ["several labels by a ViT", { task: "several", backbone: tinyVit(), settings: { headLayers: 2 } }],
  ["numbers by a ViT", { task: "numbers", backbone: tinyVit(), settings: { freeze: 2 } }],
  ["classes on a frozen ResNet", { task: "classes", backbone: tinyResnet(), settings: { freeze: "all" } }],
];

describe.each(PARTS)("fine-tuning: %s", (_name, tiny) => {
  it("has in parts the loss, the gradients and the averages of the whole batch", async () => {
    const train = async (microBatch: number) => {
      const choices = { microBatch, training: STILL };
      const { trainer, dataset } = await trainerOf({ ...tiny, choices });
      const reports = await takeSteps(trainer, dataset, 2);
      await trainer.release();
      return { reports, values: trainer.values };
    };
    const [whole, parts] = [await train(8), await train(4)];
    for (const [step, { loss }] of whole.reports.entries())
      expect(relativeError([parts.reports[step]!.loss], [loss])).toBeLessThan(1e-5);
    expect([...parts.values.keys()].sort()).toEqual([...whole.values.keys()].sort());
    const { error, path } = worstOf(parts.values, whole.values);
    expect(error, path).toBeLessThan(1e-5);
  });
});

const FROZEN: [string, Tiny][] = [
  ["a ResNet to layer 3", { task: "classes", backbone: tinyResnet(), settings: { freeze: 3 } }],
  ["a whole ResNet", { task: "several", backbone: tinyResnet(), settings: { freeze: "all" } }],
  ["a ViT to its first block", { task: "numbers", backbone: tinyVit(), settings: { freeze: 2 } }],
  ["nothing", { task: "classes", backbone: tinyResnet(), settings: { freeze: 0 } }],
];

describe.each(FROZEN)("fine-tuning that freezes %s", (_name, tiny) => {
  it("changes no parameter and no statistic of those layers, and everything else", async () => {
    const { trainer, dataset } = await trainerOf(tiny);
    const before = new Map([...trainer.values].map(([path, data]) => [path, data.slice()]));
    await takeSteps(trainer, dataset, 4);
    await trainer.release();
    const { freeze } = tiny.settings!;
    const isFrozen = (path: string) => {
      const [, own] = /^(?:teacher\.)?backbone\.(.*)$/.exec(path) ?? [];
      return own !== undefined && (freeze === "all" || layerOf(tiny.backbone, own) < freeze!);
    };
    const network = [...before.keys()].filter((path) => !path.startsWith("optimizer."));
    const same = network.filter((path) =>
      before.get(path)!.every((x, i) => x === trainer.values.get(path)![i]),
    );
    expect(same).toEqual(network.filter(isFrozen));
    expect(same.length > 0).toBe(freeze !== 0);
    const learned = [...before.keys()].flatMap((path) => /^optimizer\.mean\/(.*)/.exec(path)?.[1] ?? []);
    expect(learned.filter(isFrozen)).toEqual([]);
    expect(learned.length).toBeGreaterThan(1);
  });
});

it.each([
  ["whole", 8, 0.99],
  ["in parts", 4, 0.15],
  ["without an average", 8, 0],
])("the average of the weights is a plain one: %s", async (_name, microBatch, average) => {
  const tiny: Tiny = { task: "classes", backbone: tinyResnet(), settings: { average, freeze: 1 } };
  const { trainer, dataset } = await trainerOf({ ...tiny, choices: { microBatch } });
  const network = [...trainer.values.keys()].filter((path) => !/^(?:optimizer|teacher)\./.test(path));
  const plain = new Map(network.map((path) => [path, Float64Array.from(trainer.values.get(path)!)]));
  await takeSteps(trainer, dataset, 3, (step) => {
    const momentum = Math.min(average, (1 + step) / (10 + step));
    for (const [path, kept] of plain) {
      const now = trainer.values.get(path)!;
      plain.set(
        path,
        kept.map((value, i) => momentum * value + (1 - momentum) * now[i]!),
      );
      expect(relativeError(trainer.values.get(`teacher.${path}`)!, plain.get(path)!), path).toBeLessThan(
        1e-6,
      );
    }
  });
  await trainer.release();
  expect(network.some((path) => path.endsWith("running_var"))).toBe(true);
  const encoder = [...trainer.encoderValues];
  for (const [name, data] of encoder) expect(data).toEqual(trainer.values.get(`teacher.backbone.${name}`));
});
