import { describe, expect, it } from "vitest";
import { tinyLabelled, tinyVit } from "../../../test/support/tiny-fine-tuning.ts";
import { fineTuningSettingsOf } from "../../transfer/network-of-run.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { configureFinetune, epochsFor, weightsOf } from "./configure-finetune.ts";
import type { Source } from "./open-source.ts";

describe("epochsFor", () => {
  it.each([
    [10, 100],
    [160, 100],
    [1000, 40],
    [4000, 20],
    [16_000, 10],
    [64_000, 5],
    [1_000_000, 5],
  ])("of %s pictures is %s", (pictures, epochs) => {
    expect(epochsFor(pictures)).toBe(epochs);
  });

  it("never rises with the pictures", () => {
    const all = Array.from({ length: 200 }, (_, i) => epochsFor(1 + 400 * i));
    expect(all).toEqual([...all].sort((a, b) => b - a));
  });
});

describe("weightsOf", () => {
  const classes = { kind: "classes", names: ["a", "b", "c", "d"] } as const;

  it("of classes is 1 on average over the pictures, and gives every class the same sum", () => {
    const counts = [10, 30, 0, 60];
    const weights = weightsOf(classes, counts, 100);
    const sums = weights.map((weight, k) => weight * counts[k]!);
    expect(sums[0]! + sums[1]! + sums[3]!).toBeCloseTo(100, 9);
    for (const k of [1, 3]) expect(sums[k]).toBeCloseTo(sums[0]!, 9);
    expect(weights[2]).toBe(1);
  });

  it("of classes of equal size is 1 each", () => {
    expect(weightsOf(classes, [5, 5, 5, 5], 20)).toEqual([1, 1, 1, 1]);
  });

  it("of labels is the pictures without one for each with it", () => {
    const several = { kind: "several", names: ["a", "b", "c", "d"] } as const;
    // A label that all pictures have would otherwise have no weight, which the loss refuses.
    expect(weightsOf(several, [20, 50, 0, 100], 100)).toEqual([4, 1, 1, 0.01]);
  });
});

describe("configureFinetune", () => {
  const labelled = tinyLabelled("classes");
  const backbone = tinyVit();
  const encoder = { backbone, imageSize: 16, background: "auto", name: "an encoder", step: 7 };
  const source = { backbone, encoder, source: null, keptHead: null, weights: "abc" } as unknown as Source;
  const counts = [12, 8, 4];
  const pictures = { training: 24, validation: 6, test: 0 };
  const known = { task: labelled.task, training: labelled.dataset, counts, facts: { pictures } };
  const configured = (options: Partial<FinetuneOptions> = {}) =>
    configureFinetune({ run: "runs/a", pictures: "many", ...options }, source, known);

  it("takes the recipe by the number of pictures and the network, with what the labels say", () => {
    const config = configured();
    expect(config).toMatchObject({ epochs: 100, batchSize: 16, imageSize: 16, seed: 0 });
    expect(fineTuningSettingsOf(config)).toMatchObject({
      ...{ task: "classes", outputs: 3, source: null, keptHead: null, classWeights: null },
      ...{ layerDecay: 0.75, freeze: 0 },
    });
    expect(config.labels).toEqual({
      ...{ names: ["red", "green", "blue"], pictures },
      from: { run: "runs/a", step: 7, weights: "abc" },
    });
  });

  it("follows the options, which settings cannot contradict", () => {
    const config = configured({
      ...{ epochs: 3, batchSize: 8, microBatch: 4, seed: 5, freeze: 2, balance: "weights", labels: "10%" },
      settings: { mixup: 0.8, outputs: 99 },
    });
    expect(config).toMatchObject({ epochs: 3, batchSize: 8, microBatch: 4, seed: 5 });
    expect(fineTuningSettingsOf(config)).toMatchObject({
      ...{ freeze: 2, mixup: 0.8, outputs: 3 },
      classWeights: weightsOf(labelled.task, counts, 24),
    });
    expect(config.labels).toMatchObject({ amount: "10%" });
  });
});
