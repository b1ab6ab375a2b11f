import { describe, expect, it } from "vitest";
import { type Choices, checkChoices, configure } from "./configure.ts";

const DATA = { path: "x", fingerprint: "f", pictures: 1000 };

describe("configure", () => {
  it.each<[string, Choices, string]>([
    [
      "a number below its range",
      { settings: { temperature: -1 } },
      "this setting is not possible (`settings.temperature`); expected more than 0; got -1",
    ],
    [
      "another kind of value",
      { settings: { projectionLayers: 1.5 } },
      "this setting is not possible (`settings.projectionLayers`); expected a whole number; got 1.5",
    ],
    [
      "a number above its range",
      { settings: { projectionLayers: 9 } },
      "this setting is not possible (`settings.projectionLayers`); expected 4 or less; got 9",
    ],
    [
      "one of a list",
      { settings: { cropScale: [0.2, 3] } },
      "this setting is not possible (`settings.cropScale[1]`); expected 1 or less; got 3",
    ],
    [
      "a short list",
      { settings: { cropScale: [0.2] } },
      "this setting is not possible (`settings.cropScale`); expected a list of 2; got [0.2]",
    ],
    [
      "a text for a number",
      { settings: { blur: "no" } },
      'this setting is not possible (`settings.blur`); expected true or false; got "no"',
    ],
    [
      "a word that is none of those there are",
      { training: { optimizer: "adam" as "adamw" } },
      'this setting is not possible (`training.optimizer`); expected one of sgd, lars, larc, adamw, muon; got "adam"',
    ],
    [
      "no number at all",
      { training: { weightDecay: Number.NaN } },
      "this setting is not possible (`training.weightDecay`); expected a number; got NaN",
    ],
    [
      "a ViT's options for a ResNet",
      { backboneOptions: { dropPath: 0.1 } },
      "resnet18 has no such option (`dropPath`); got 0.1. Leave it out, or choose another backbone.",
    ],
    [
      "a width without channels",
      { backboneOptions: { widthMultiplier: 0.001 } },
      "a value is out of range (`widthMultiplier`); expected at least 1/64, so that a channel is left; got 0.001",
    ],
    [
      "a picture that cannot be cut into patches",
      { backbone: "vit_tiny", imageSize: 50 },
      "this image size cannot be cut into whole patches (`imageSize`); expected a multiple of 4, the default " +
        "patch size; got 50. Choose 52, or a divisor of 50 by `patch`.",
    ],
    [
      "a patch that was asked for",
      { backbone: "vit_tiny", backboneOptions: { patch: 7 } },
      "a value is out of range (`patch`); expected a divisor of the image size 64; got 7",
    ],
    [
      "a picture of one patch where some are to be hidden",
      { method: "mae", imageSize: 16, backboneOptions: { patch: 16 } },
      "the picture is a single patch, so nothing can be hidden (`patch`); expected at most half of the image size 16; got 16",
    ],
    [
      "a backbone that the method cannot learn with",
      { method: "mae", backbone: "resnet18" },
      "mae does not work with this backbone (`backbone`); expected one of vit_tiny, vit_small, vit_base; got resnet18. " +
        "Leave `backbone` out, or choose another method.",
    ],
    [
      "two settings that do not go together, by the one that was set",
      { method: "simclr-v2", settings: { projectionLayers: 1 } },
      "these settings do not go together (`settings.projectionLayers`); expected fineTuneLayer to be less than projectionLayers; " +
        "got fineTuneLayer 1, projectionLayers 1",
    ],
    [
      "two settings that were both set",
      { method: "cpc", settings: { nearest: 6, farthest: 5 } },
      "these settings do not go together (`settings.farthest`, `settings.nearest`); expected farthest to be nearest or more; " +
        "got farthest 5, nearest 6",
    ],
    [
      "a grid too small for what is predicted in it by default",
      { method: "cpc", settings: { grid: 4 } },
      "these settings do not go together (`settings.grid`); expected farthest to be less than grid; got farthest 5, grid 4",
    ],
    [
      "weights of which one must be there",
      { method: "dim", settings: { globalWeight: 0 } },
      "these settings do not go together (`settings.globalWeight`); expected localWeight to be above 0 if globalWeight is 0; " +
        "got localWeight 0, globalWeight 0",
    ],
    [
      "a rule of a method's own for one setting",
      { method: "cmc", settings: { split: ["l", "l"] } },
      "this setting is not possible (`settings.split`); expected two views and more, each of one or more of the channels l, a, b; " +
        'got ["l","l"]',
    ],
  ])("says what is wrong, where, by which rule, and what came: %s", (_name, choices, message) => {
    expect(() => configure(choices, DATA)).toThrow(new RegExp(`^${escaped(message)}$`));
  });

  it("gives the nearest name for a setting that is not known", () => {
    expect(() => configure({ settings: { temprature: 1 } }, DATA)).toThrow(
      /^simclr has no setting "temprature" \(`settings\.temprature`\); expected one of .*\. Did you mean temperature\?$/,
    );
    const training = { learningrate: 1 } as Choices["training"] & object;
    expect(() => configure({ training }, DATA)).toThrow(
      /`training\.learningrate`.*Did you mean learningRate\?/,
    );
  });
});

describe("the default batch", () => {
  it.each([
    [20_000, 128],
    [512, 128],
    [511, 64],
    [231, 32],
    [64, 16],
    [16, 16],
    [15, 8],
    [2, 2],
  ])("of %i pictures is %i", (pictures, batchSize) => {
    expect(configure({}, { ...DATA, pictures }).batchSize).toBe(batchSize);
  });

  it("is what was asked for, where it was", () => {
    expect(configure({ batchSize: 100 }, { ...DATA, pictures: 101 }).batchSize).toBe(100);
  });
});

describe("checkChoices", () => {
  it("passes choices that only the pictures can refuse, and no others", () => {
    expect(() => checkChoices({ batchSize: 1_000_000 })).not.toThrow();
    expect(() => checkChoices({ batchSize: 1.5 })).toThrow(/`batchSize`/);
    expect(() => checkChoices({ settings: { temperature: 0 } })).toThrow(/`settings\.temperature`/);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
