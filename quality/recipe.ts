/**
 * What all runs share: pictures of 24 pixels, batches of 64, two small backbones of about the same cost, and
 * the method's own defaults for everything else but what `TUNED` says.
 */
import type { Choices } from "afterimage";
import { createBackbone } from "afterimage/backbones";
import { completeMethod, type Method } from "afterimage/methods";
import type { RunConfig } from "afterimage/train";

/**
 * In pixels. Minutes are few: SimCLR on Fashion-MNIST for two minutes on one core had 79.3 % (kNN) and 82.7 %
 * (linear probe) after 1.6 epochs at 32 pixels, 80.3 % and 83.1 % after as many at 24, which took two thirds
 * of the time.
 */
export const IMAGE_SIZE = 24;
export const BATCH_SIZE = 64;

/** Of the vote of neighbours, for every method and every set. */
export const KNN = { k: 20, temperature: 0.07 } as const;

export type Family = "resnet" | "vit";

export const FAMILY_NAMES: Readonly<Record<Family, string>> = { resnet: "ResNet", vit: "ViT" };

interface BackboneChoice {
  /** As the report calls it. */
  title: string;
  choices: Pick<Choices, "backbone" | "backboneOptions">;
  /** What no option says. */
  settings: Readonly<Record<string, unknown>>;
}

export const BACKBONES: Readonly<Record<Family, BackboneChoice>> = {
  resnet: {
    title: "ResNet-18, CIFAR stem, a quarter of the width (16-32-64-128)",
    choices: { backbone: "resnet18", backboneOptions: { widthMultiplier: 0.25, stem: "cifar" } },
    settings: {},
  },
  vit: {
    title: "ViT tiny, patches of 4 pixels, half of the width (96) and 4 blocks instead of 12",
    choices: { backbone: "vit_tiny", backboneOptions: { patch: 4 } },
    // 18 million multiply-adds a picture, where the ResNet has 20.
    settings: { width: 96, depth: 4 },
  },
};

/**
 * Settings other than a method's defaults, by its name, for it and for its peer: where minutes of training
 * ask for something else than the hundreds of epochs that defaults are made for. Each with the figures that
 * speak for it.
 */
export const TUNED: Readonly<Record<string, Pick<Choices, "settings" | "training">>> = {};

/**
 * Methods that both families can learn by have the ResNet as far as possible, so that most rows differ by the
 * method alone.
 */
const FAMILIES: Readonly<Record<string, Family>> = { dino: "resnet", "moco-v3": "resnet" };

/** The family of backbones that a method is trained with here. */
export function familyOf(method: Method): Family {
  const own = createBackbone(completeMethod(method).backbone, { imageSize: IMAGE_SIZE }).family;
  return FAMILIES[method.name] ?? (own === "vit" ? "vit" : "resnet");
}

/** The choices of every run with a backbone of this family. */
export function choicesFor(family: Family): Choices {
  const { backbone, backboneOptions } = BACKBONES[family].choices;
  return {
    imageSize: IMAGE_SIZE,
    batchSize: BATCH_SIZE,
    ...(backbone === undefined ? {} : { backbone }),
    ...(backboneOptions === undefined ? {} : { backboneOptions }),
  };
}

/** The configuration with what no option says about the backbone. */
export function withBackboneOf(family: Family, config: RunConfig): RunConfig {
  const { name, settings } = config.backbone;
  return { ...config, backbone: { name, settings: { ...settings, ...BACKBONES[family].settings } } };
}
