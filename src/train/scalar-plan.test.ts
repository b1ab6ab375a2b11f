import { describe, expect, it } from "vitest";
import { dinoCosineSchedule, simclrSchedule } from "../optim/schedule.ts";
import type { TrainingConfig } from "./run-config.ts";
import { scalarPlan } from "./scalar-plan.ts";

const PLAN = { steps: 40, stepsPerEpoch: 4, epochs: 10, batchSize: 8 };
const TRAINING: TrainingConfig = {
  optimizer: "adamw",
  learningRate: 0.5,
  finalLearningRate: 0,
  warmupEpochs: 2,
  inclusiveWarmup: false,
  weightDecay: 0.04,
  finalWeightDecay: 0.4,
  clip: null,
  decay: "cosine",
  milestones: [],
  milestoneFactor: 0.1,
  decayAll: false,
  nesterov: false,
  rateInMomentum: true,
  beta2: 0.999,
};

const learningRates = (training: TrainingConfig) =>
  Array.from(
    { length: PLAN.steps },
    (_, step) => scalarPlan(training, PLAN, {}, []).at(step).learning_rate![0]!,
  );

describe("the numbers of a step", () => {
  it("have SimCLR's learning rate with a warm-up that ends below the peak", () => {
    const authors = simclrSchedule({ peak: 0.5, steps: 40, warmupSteps: 8 });
    expect(learningRates(TRAINING)).toEqual(
      Array.from({ length: 40 }, (_, step) => Math.fround(authors(step))),
    );
  });

  it("have DINO's with one that ends at it", () => {
    const training = { ...TRAINING, finalLearningRate: 1e-6, inclusiveWarmup: true };
    const authors = dinoCosineSchedule({ base: 0.5, final: 1e-6, steps: 40, warmupSteps: 8 });
    expect(learningRates(training)).toEqual(
      Array.from({ length: 40 }, (_, step) => Math.fround(authors(step))),
    );
  });

  it("have a rate that falls at shares of the run to what is left of it at each", () => {
    const training = { ...TRAINING, decay: "steps", milestones: [0.5, 0.75], milestoneFactor: 0.2 } as const;
    const rates = learningRates({ ...training, milestones: [...training.milestones], warmupEpochs: 0 });
    expect([0, 19, 20, 29, 30, 39].map((step) => rates[step])).toEqual(
      [0.5, 0.5, 0.1, 0.1, 0.02, 0.02].map((rate) => expect.closeTo(rate, 6)),
    );
  });

  it("count the steps that a gate lets through", () => {
    const plan = scalarPlan(TRAINING, PLAN, { gate: (step) => (step < 3 ? 0 : 1) }, [
      { path: "w", gate: "gate" },
    ]);
    const counted = [0, 2, 3, 4, 10].map((step) => plan.at(step)["step:w"]![0]);
    expect(counted).toEqual([1, 1, 1, 2, 8]);
    expect(plan.at(3)["step:w"]![0]).toBe(1);
  });
});
