import { describe, expect, it } from "vitest";
import { type Choices, configure } from "../runs/configure/configure.ts";
import { choicesOf } from "./choices-of.ts";

const DATA = { path: "x", fingerprint: "f", pictures: 1000 };

describe("choicesOf", () => {
  it.each<[string, Choices]>([
    [
      "a ResNet",
      { backboneOptions: { widthMultiplier: 0.3, stem: "imagenet" }, settings: { temperature: 0.4 } },
    ],
    ["a ViT", { backbone: "vit_small", backboneOptions: { patch: 16, dropPath: 0.2 }, method: "dino" }],
    ["another optimiser", { training: { optimizer: "adamw", learningRate: 1e-3, clip: 2 } }],
  ])("leads to the same configuration again: %s", (_name, choices) => {
    const config = configure(choices, DATA);
    const again = configure({ ...choicesOf(config), batchSize: config.batchSize }, DATA);
    expect(again).toEqual(config);
  });
});
