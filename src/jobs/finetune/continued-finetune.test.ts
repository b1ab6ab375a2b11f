import { describe, expect, it } from "vitest";
import { tinyLabelled, tinyVit } from "../../../test/support/tiny-fine-tuning.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { configureFinetune } from "./configure-finetune.ts";
import { continuedFinetune } from "./continued-finetune.ts";
import type { Source } from "./open-source.ts";

const environment = { threads: 1, provider: "cpu", afterimage: "1.0.0", onnxruntime: "1.0.0" };
const PLAIN = { epochs: 12, batchSize: 8 };

interface Situation {
  options?: Partial<FinetuneOptions>;
  weights?: string;
  pictures?: number;
}

function configured({ options = PLAIN, weights = "abc", pictures = 24 }: Situation = {}): RunConfig {
  const { task, dataset } = tinyLabelled("classes", pictures);
  const backbone = tinyVit();
  const encoder = { backbone, imageSize: 16, background: "auto", name: "an encoder", step: 7 };
  const source = { backbone, encoder, source: null, keptHead: null, weights } as unknown as Source;
  const facts = { pictures: { training: pictures, validation: 6, test: 0 } };
  const labelled = { task, training: dataset, counts: [12, 8, 4], facts };
  const config = configureFinetune({ run: "runs/a", pictures: "many", ...options }, source, labelled);
  return { ...config, environment };
}

/** Continues a run with what is asked now. */
function continued(now: Situation, before: RunConfig = configured()) {
  const options = { run: "runs/a", pictures: "many", ...now.options };
  return continuedFinetune(options, before, configured(now), "runs/b");
}

/** A run of 12 epochs that ended after 3, because its score had stopped rising. */
const ended: RunConfig = {
  ...configured(),
  epochs: 3,
  history: [{ step: 9, changes: [{ name: "epochs", from: 12, to: 3 }], because: "validation" }],
};

describe("continuedFinetune", () => {
  it("keeps the run's configuration, and lets epochs and the optimiser's numbers change", () => {
    const same = continued({ options: PLAIN });
    expect(same).toEqual({ config: configured(), changes: [] });
    const more = continued({ options: { epochs: 20, training: { learningRate: 0.01 } } });
    expect(more.config).toMatchObject({ epochs: 20, training: { learningRate: 0.01 } });
    expect(more.changes.map(({ name }) => name)).toEqual(["training.learningRate", "epochs"]);
  });

  it.each<[string, Situation, RegExp]>([
    ["other weights", { weights: "other" }, /the encoder that the run began with/],
    ["other pictures", { pictures: 27 }, /the pictures and labels of the run/],
    ["another depth", { options: { ...PLAIN, freeze: 1 } }, /freeze/],
    ["weights of classes", { options: { ...PLAIN, balance: "weights" } }, /classWeights/],
    ["another amount of labels", { options: { ...PLAIN, labels: "10%" } }, /labels/],
    ["another share", { options: { ...PLAIN, validation: 0.5 } }, /validation/],
    ["fewer epochs", { options: { epochs: 2 } }, /more epochs, but not with fewer/],
    ["another batch", { options: { epochs: 12, batchSize: 12 } }, /batchSize/],
  ])("refuses %s", (_name, now, message) => {
    expect(() => continued(now)).toThrow(
      expect.objectContaining({ code: "train/run-folder", message: expect.stringMatching(message) }),
    );
  });

  it("does not train on when a run that ended early is asked for the same epochs again", () => {
    const patience = 2;
    expect(continued({ options: { ...PLAIN, patience } }, ended)).toMatchObject({
      config: { epochs: 3 },
      changes: [],
    });
    expect(continued({ options: { ...PLAIN, epochs: 20, patience } }, ended).config.epochs).toBe(20);
    // Without a patience it is to train to the end.
    expect(continued({ options: PLAIN }, ended).config.epochs).toBe(12);
    expect(() => continued({ options: { ...PLAIN, epochs: 2, patience } }, ended)).toThrow("not with fewer");
  });
});
