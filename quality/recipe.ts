/**
 * The common parts of all runs: pictures of 24 pixels, batches of 64, two small backbones of about the same
 * cost, and the method's own defaults for everything else, except for `TUNED`.
 */
import type { Choices } from "afterimage";
import { createBackbone } from "afterimage/backbones";
import { completeMethod, type Method } from "afterimage/methods";
import type { RunConfig } from "afterimage/train";

/**
 * In pixels. Four minutes are short. SimCLR on Fashion-MNIST, two minutes on one core, has 79.3 % (kNN) and
 * 82.7 % (linear probe) after 1.6 epochs at 32 pixels. At 24 pixels it has 80.3 % and 83.1 % after as many
 * epochs, in two thirds of the time.
 */
export const IMAGE_SIZE = 24;
export const BATCH_SIZE = 64;

/** Options of kNN, for every method and every set. */
export const KNN = { k: 20, temperature: 0.07 } as const;

export type Family = "resnet" | "vit";

export const FAMILY_NAMES: Readonly<Record<Family, string>> = { resnet: "ResNet", vit: "ViT" };

interface BackboneChoice {
  /** Its name in the report. */
  title: string;
  choices: Pick<Choices, "backbone" | "backboneOptions">;
  /** Settings that no option sets. */
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
    // A picture costs 18 million multiply-adds; the ResNet has 20 million.
    settings: { width: 96, depth: 4 },
  },
};

/**
 * Settings other than a method's defaults, by its name, for the method and its peer. They are for minutes of
 * training, because defaults are for hundreds of epochs. Each needs figures that support it.
 */
export const TUNED: Readonly<Record<string, Pick<Choices, "settings" | "training">>> = {};

/**
 * Methods that both families can train use the ResNet if possible. Then most rows differ only by the method.
 */
const FAMILIES: Readonly<Record<string, Family>> = { dino: "resnet", "moco-v3": "resnet" };

/** The family of the backbone with which a method is trained here. */
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

/** The configuration with the backbone's settings that no option sets. */
export function withBackboneOf(family: Family, config: RunConfig): RunConfig {
  const { name, settings } = config.backbone;
  return { ...config, backbone: { name, settings: { ...settings, ...BACKBONES[family].settings } } };
}
