import { describe, expect, it } from "vitest";
import { METHODS } from "./index.ts";
import type { Situation, TrainingDefaults } from "./method.ts";
import { contrastedCrop, LONG_RUN, settingsByLength, shortMomentum, trainingByLength } from "./short-runs.ts";

/** 64 pictures a step. */
function situation(steps: number, family: Situation["family"] = "resnet", batchSize = 64): Situation {
  return {
    ...{ pictures: 1000 * batchSize, imageSize: 32, batchSize, epochs: steps / 1000, family },
    ...{ multipleOf: 4, batchNorm: family === "resnet", features: 128 },
  };
}

const AUTHORS: TrainingDefaults = {
  ...{ optimizer: "sgd", learningRate: 0.4, finalLearningRate: 0.1, warmupEpochs: 7, inclusiveWarmup: true },
  ...{ weightDecay: 5e-4, finalWeightDecay: 5e-4, clip: 3, decay: "steps", decayAll: true, nesterov: true },
};
const training = trainingByLength(() => AUTHORS);

describe("settings of a method", () => {
  const settings = settingsByLength(
    () => ({ temperature: 0.2, layers: 3 }),
    ({ batchSize }) => ({ layers: batchSize / 64 }),
  );

  it("are those of long runs where there are steps enough", () => {
    expect(settings(situation(LONG_RUN))).toEqual({ temperature: 0.2, layers: 3 });
  });

  it("differ in short runs by what is said of them", () => {
    expect(settings(situation(LONG_RUN - 1000))).toEqual({ temperature: 0.2, layers: 1 });
  });
});

describe("the share of a moving average that stays", () => {
  it("lets it look back over a hundredth of the run, or as far as is said at least", () => {
    const shares = [1, 1000, 4000, LONG_RUN].map((steps) => shortMomentum(situation(steps), 0.9));
    expect(shares).toEqual([0.9, 0.9, 0.975, 0.995]);
    expect(shortMomentum(situation(1000), 0.97)).toBe(0.97);
  });
});

describe("crops that are contrasted", () => {
  it("become smaller the longer a run is", () => {
    const shares = [1, 400, 800, 1200, 5000].map((steps) => contrastedCrop(situation(steps)));
    expect(shares).toEqual([0.5, 0.5, 0.35, 0.2, 0.2].map((least) => [least, 1]));
  });
});

describe("the optimiser's settings", () => {
  it("are the authors' where there are steps enough", () => {
    expect(training({}, situation(LONG_RUN))).toBe(AUTHORS);
  });

  it("are AdamW's below, with a warm-up and a cosine to 0, and the authors' clipping", () => {
    const short = training({}, situation(LONG_RUN - 1000));
    expect(short).toMatchObject({ optimizer: "adamw", learningRate: 3e-3, finalLearningRate: 0, clip: 3 });
    expect(short.warmupEpochs).toBeCloseTo(1.9);
    for (const name of ["decay", "milestones", "decayAll", "nesterov"])
      expect(short).not.toHaveProperty(name);
  });

  it("have a rate that goes by the backbone, and by the square root of the batch", () => {
    expect(training({}, situation(1000, "vit")).learningRate).toBe(1e-3);
    expect(training({}, situation(1000, "resnet", 256)).learningRate).toBe(6e-3);
  });

  it("take over a decay that was AdamW's, and no other", () => {
    const own = trainingByLength(() => ({ ...AUTHORS, optimizer: "adamw", weightDecay: 0.04, beta2: 0.95 }));
    expect(own({}, situation(1000))).toMatchObject({ weightDecay: 0.04, beta2: 0.95 });
    expect(training({}, situation(1000)).weightDecay).toBe(0.01);
  });

  it("are what a method says where it knows better", () => {
    const own = trainingByLength(
      () => AUTHORS,
      ({ epochs }) => ({ learningRate: epochs }),
    );
    expect(own({}, situation(2000)).learningRate).toBe(2);
  });

  it.each(METHODS.map((method) => [method.name, method] as const))("%s has both", (_name, method) => {
    const [few, many] = [1000, LONG_RUN].map((steps) => {
      const where = situation(steps, method.family ?? "resnet");
      return method.training(method.defaults(where), where);
    });
    expect(few!.optimizer).toBe("adamw");
    expect(few).not.toEqual(many);
  });
});
