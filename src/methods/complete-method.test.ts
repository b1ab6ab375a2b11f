import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Backbone } from "../backbones/backbone.ts";
import type { Method } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";
import { completeMethod } from "./complete-method.ts";
import { METHODS } from "./index.ts";
import { trainingByLength } from "./recipes/short-runs.ts";

const situation: Situation = {
  ...{ pictures: 1000, imageSize: 32, batchSize: 64, epochs: 20 },
  ...{ family: "resnet", multipleOf: 1, batchNorm: true, features: 512 },
};

/** The two parts that a method needs. */
const OWN: Method = {
  name: "own",
  objective: () => ({
    embed: ({ views }) => views,
    loss: ({ picture }) => ({ loss: picture! }),
  }),
};

describe("a method with only a name and an objective", () => {
  const method = completeMethod(OWN);

  it("is called by its name, has no settings and trains a ResNet-18", () => {
    expect(method).toMatchObject({ name: "own", title: "own", backbone: "resnet18", backboneOptions: {} });
    expect(method.settings.safeParse({}).success).toBe(true);
    expect(method.settings.safeParse({ width: 3 }).success).toBe(false);
    expect(method.defaults(situation)).toEqual({});
  });

  it("keeps the given objective", () => {
    expect(Object.keys(method.objective({}, situation))).toEqual(["embed", "loss"]);
  });

  it("has the training of short runs", () => {
    const authors = { ...method.training({}, situation), optimizer: "lars", learningRate: 7 } as const;
    expect(method.training({}, situation)).toEqual(trainingByLength(() => authors)({}, situation));
    expect(method.training({}, situation)).toMatchObject({ optimizer: "adamw", warmupEpochs: 2 });
  });

  it("has its student as encoder, which is the backbone itself", () => {
    const backbone = { name: "resnet18" } as Backbone;
    expect(method.encoder).toBe("student");
    expect(method.encoderOf(backbone, {})).toBe(backbone);
  });

  it("makes no remarks, examines no pictures, and knows no loss at collapse", () => {
    expect(method.examine({} as never, {})).toBeNull();
    expect(method.remarks({}, situation)).toEqual([]);
    expect(method.batchNormSees({}, 64)).toBe(64);
    expect(method.collapsedLoss({}, 64, 1000)).toBeNull();
    expect(method.spread(64)).toEqual([]);
    for (const advice of Object.values(method.advice)) expect(advice).toMatch(/learning rate/);
  });

  it("may be of any family, has no paper and compares embeddings", () => {
    for (const absent of ["family", "paper", "predictive"]) expect(method).not.toHaveProperty(absent);
  });
});

describe("the settings of a method of one's own", () => {
  const settings = z.strictObject({ width: z.int().default(8), depth: z.int().default(2) });

  it("have the defaults of the schema", () => {
    expect(completeMethod({ ...OWN, settings }).defaults(situation)).toEqual({ width: 8, depth: 2 });
  });

  it("need a default: the error names one without", () => {
    const method = completeMethod({ ...OWN, settings: settings.extend({ height: z.int() }) });
    expect(() => method.defaults(situation)).toThrow(
      /a setting of this method has no default \(own, height\).*`defaults`/,
    );
  });
});

describe("a method with more parts", () => {
  it.each(METHODS.map((method) => [method.name, method] as const))("%s keeps them", (_name, method) => {
    const complete = completeMethod(method);
    const own = { ...situation, family: method.family ?? "resnet", multipleOf: 4 };
    const settings = method.defaults(own);
    expect(complete.defaults(own)).toEqual(settings);
    expect(complete.training(settings, own)).toEqual(method.training(settings, own));
    expect(complete.collapsedLoss(settings, 64, 1000)).toBe(method.collapsedLoss(settings, 64, 1000));
    for (const [part, value] of Object.entries(method))
      if (typeof value !== "function") expect(complete[part as keyof Method], part).toBe(value);
  });

  it("is called with itself as `this`", () => {
    class Own implements Method {
      readonly name = "own";
      readonly #epochs = 3;
      readonly objective = OWN.objective;
      training(_settings: object, where: Situation) {
        return { ...completeMethod(OWN).training({}, where), warmupEpochs: this.#epochs };
      }
    }
    expect(completeMethod(new Own()).training({}, situation).warmupEpochs).toBe(3);
  });
});
