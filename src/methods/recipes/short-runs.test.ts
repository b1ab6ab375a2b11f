import { describe, expect, it } from "vitest";
import type { TrainingDefaults } from "../../objectives/method.ts";
import type { Situation } from "../../objectives/situation.ts";
import { METHODS } from "../index.ts";
import { between } from "./between.ts";
import {
  AUTHORS_FROM,
  contrastedCrop,
  LONG_RUN,
  lengthRemark,
  SHORT_UP_TO,
  settingsAtOnce,
  settingsByLength,
  shortMomentum,
  trainingByLength,
} from "./short-runs.ts";

/** A run of so many steps. */
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

  it("are those of long runs from enough steps on", () => {
    expect(settings(situation(AUTHORS_FROM))).toEqual({ temperature: 0.2, layers: 3 });
  });

  it("have the differences of short runs in short runs", () => {
    expect(settings(situation(SHORT_UP_TO))).toEqual({ temperature: 0.2, layers: 1 });
  });

  it("lie between the two in between, or change at once if they belong together", () => {
    const [long, short] = [
      () => ({ temperature: 0.5, norm: true, crop: [0.08, 1] }),
      () => ({ temperature: 0.125, norm: false, crop: [0.32, 1] }),
    ];
    const middle = { temperature: 0.25, norm: true, crop: [0.16, 1] };
    expect(settingsByLength(long, short)(situation(LONG_RUN))).toEqual(middle);
    expect(settingsAtOnce(long, short)(situation(LONG_RUN))).toEqual(long());
    expect(settingsAtOnce(long, short)(situation(LONG_RUN - 1000))).toEqual(short());
  });
});

describe("a setting between two ends", () => {
  it("is interpolated geometrically, linearly from 0, and whole if both ends are", () => {
    const to = { temperature: 0.4, queue: 100, layers: 4, norm: "batch", width: null };
    const from = { temperature: 0.1, queue: 0, layers: 1, norm: "group", width: 3 } as unknown as typeof to;
    const at = (share: number) => between({ ...to, kept: 7 }, from, share);
    expect(at(0)).toEqual({ ...from, kept: 7 });
    expect(at(0.5)).toEqual({ temperature: 0.2, queue: 50, layers: 2, norm: "batch", width: null, kept: 7 });
    expect(at(0.49)).toMatchObject({ norm: "group", width: 3 });
    expect(at(1)).toEqual({ ...to, kept: 7 });
  });
});

/** The numbers in settings, with names, those in lists too. */
function numbersIn(settings: object): [string, number][] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (typeof value === "number") return [[name, value] as [string, number]];
    return Array.isArray(value)
      ? numbersIn(value).map(([i, x]) => [`${name}.${i}`, x] as [string, number])
      : [];
  });
}

describe.each(METHODS.map((method) => [method.name, method] as const))(
  "a run of %s one step longer",
  (name, method) => {
    const family = method.family ?? "resnet";
    const lengths = [
      2_000,
      SHORT_UP_TO - 1,
      SHORT_UP_TO,
      14_000,
      LONG_RUN - 1,
      30_000,
      AUTHORS_FROM - 1,
      AUTHORS_FROM,
    ];
    // Deep InfoMax has another loss in short runs, with settings that make sense only together.
    const changesAtOnce = name === "dim" ? [LONG_RUN - 1] : [];

    it.each(lengths.filter((steps) => !changesAtOnce.includes(steps)))(
      "from %i steps has about the same settings",
      (steps) => {
        const [one, next] = [steps, steps + 1].map((count) => method.defaults(situation(count, family)));
        const after = new Map(numbersIn(next!));
        for (const [setting, value] of numbersIn(one!)) {
          const moved = Math.abs(after.get(setting)! - value);
          const whole = Number.isInteger(value) && Number.isInteger(after.get(setting)!);
          expect(moved, setting).toBeLessThanOrEqual(Math.max(1e-3 * Math.abs(value), whole ? 1 : 1e-3));
        }
      },
    );

    it("changes its optimiser at one length only, and its rate nowhere else", () => {
      for (const steps of lengths) {
        const [one, next] = [steps, steps + 1].map((count) => {
          const where = situation(count, family);
          return method.training(method.defaults(where), where);
        });
        if (steps === LONG_RUN - 1 && one!.optimizer !== next!.optimizer) continue;
        expect(next!.optimizer).toBe(one!.optimizer);
        expect(next!.learningRate / one!.learningRate).toBeCloseTo(1, 2);
        expect(next!.weightDecay).toBeCloseTo(one!.weightDecay, 3);
      }
    });
  },
);

describe("the remark on a run's length", () => {
  const remark = (steps: number, optimizer: TrainingDefaults["optimizer"]) =>
    lengthRemark({ training, defaults: () => ({}) }, optimizer, situation(steps));

  it("says whether the run is short or long, and where the optimiser changes", () => {
    expect(remark(1030, "adamw")).toBe("short run (1,030 steps): AdamW; from 20,000 steps on it is SGD");
    expect(remark(LONG_RUN, "sgd")).toBe("long run (20,000 steps): SGD; below 20,000 steps it is AdamW");
  });

  it("is left out if the optimiser is chosen by hand, or is the same on both sides", () => {
    expect(remark(1030, "lars")).toBeNull();
    const own = trainingByLength(() => ({ ...AUTHORS, optimizer: "adamw" }));
    expect(lengthRemark({ training: own, defaults: () => ({}) }, "adamw", situation(1030))).toBeNull();
  });
});

describe("the momentum of a moving average", () => {
  it("covers a hundredth of the run, down to the lower bound", () => {
    const shares = [1, 1000, 4000, LONG_RUN].map((steps) => shortMomentum(situation(steps), 0.9));
    expect(shares).toEqual([0.9, 0.9, 0.975, 0.995]);
    expect(shortMomentum(situation(1000), 0.97)).toBe(0.97);
  });
});

describe("contrasted crops", () => {
  it("are smaller in longer runs", () => {
    const shares = [1, 400, 800, 1200, 5000].map((steps) => contrastedCrop(situation(steps)));
    expect(shares).toEqual([0.5, 0.5, 0.35, 0.2, 0.2].map((least) => [least, 1]));
  });
});

describe("the optimiser's settings", () => {
  it("are the authors' from enough steps on", () => {
    expect(training({}, situation(LONG_RUN))).toBe(AUTHORS);
  });

  it("are AdamW's below, with a warm-up and a cosine to 0, and the authors' clipping", () => {
    const short = training({}, situation(LONG_RUN - 1000));
    expect(short).toMatchObject({ optimizer: "adamw", learningRate: 3e-3, finalLearningRate: 0, clip: 3 });
    expect(short.warmupEpochs).toBeCloseTo(1.9);
    for (const name of ["decay", "milestones", "decayAll", "nesterov"])
      expect(short).not.toHaveProperty(name);
  });

  it("have a rate that depends on the backbone, and on the square root of the batch", () => {
    expect(training({}, situation(1000, "vit")).learningRate).toBe(1e-3);
    expect(training({}, situation(1000, "resnet", 256)).learningRate).toBe(6e-3);
  });

  it("take over the authors' decay only if their optimiser is AdamW", () => {
    const own = trainingByLength(() => ({ ...AUTHORS, optimizer: "adamw", weightDecay: 0.04, beta2: 0.95 }));
    expect(own({}, situation(1000))).toMatchObject({ weightDecay: 0.04, beta2: 0.95 });
    expect(training({}, situation(1000)).weightDecay).toBe(0.01);
  });

  it("are the method's own if it has some", () => {
    const own = trainingByLength(
      () => AUTHORS,
      ({ epochs }) => ({ learningRate: epochs }),
    );
    expect(own({}, situation(2000)).learningRate).toBe(2);
  });

  it.each(METHODS.map((method) => [method.name, method] as const))("%s has both", (_name, method) => {
    const [few, many] = [1000, AUTHORS_FROM].map((steps) => {
      const where = situation(steps, method.family ?? "resnet");
      return method.training(method.defaults(where), where);
    });
    expect(few!.optimizer).toBe("adamw");
    expect(few).not.toEqual(many);
  });
});
