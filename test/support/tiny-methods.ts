/** Settings of every method for a run small enough for a test. */
import type { Choices } from "afterimage";

/** DINO with a matching head. */
export const TINY_DINO: Choices = {
  method: "dino",
  backbone: "vit_tiny",
  backboneOptions: { patch: 8, dropPath: 0 },
  settings: { outputs: 32, headWidth: 24, bottleneck: 8, localCrops: 2, localSize: 8 },
};

export const TINY_SIMCLR: Choices = {
  method: "simclr",
  backbone: "resnet18",
  backboneOptions: { widthMultiplier: 1 / 16 },
  settings: { projectionOut: 16 },
};

export const TINY_DINO_RESNET: Choices = {
  ...TINY_DINO,
  backbone: "resnet18",
  backboneOptions: { widthMultiplier: 1 / 16 },
};

const NARROW: Choices = { backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 } };

const PATCHES: Choices = { backbone: "vit_tiny", backboneOptions: { patch: 4, dropPath: 0 } };

/** Settings of every method for so small a run; everything else has its default. */
export const TINY_METHODS: Readonly<Record<string, Choices>> = {
  jigsaw: { ...NARROW, settings: { permutations: 10, towerWidth: 8 } },
  rotnet: NARROW,
  instdisc: { ...NARROW, settings: { negatives: 5, projectionOut: 8 } },
  invaspread: { ...NARROW, settings: { projectionOut: 8 } },
  cmc: { ...NARROW, settings: { loss: "bank", negatives: 5, projectionOut: 8 } },
  simclr: TINY_SIMCLR,
  dino: TINY_DINO_RESNET,
  "moco-v1": { ...NARROW, settings: { queue: 40, projectionOut: 8 } },
  "moco-v2": { ...NARROW, settings: { queue: 40, projectionOut: 8 } },
  "simclr-v2": { ...NARROW, settings: { projectionOut: 8 } },
  swav: {
    ...NARROW,
    settings: {
      prototypes: 40,
      queue: 10,
      queueStart: 0,
      headWidth: 16,
      projectionOut: 8,
      localCrops: 2,
      localSize: 8,
    },
  },
  "moco-v3": { ...NARROW, settings: { headWidth: 16, projectionOut: 8 } },
  ibot: { ...TINY_DINO, backboneOptions: { patch: 4, dropPath: 0 } },
  dinov2: { ...TINY_DINO, backboneOptions: { patch: 4, dropPath: 0 } },
  cpc: {
    ...NARROW,
    settings: { grid: 4, patch: 8, nearest: 1, farthest: 3, contextWidth: 8, targetWidth: 8 },
  },
  dim: {
    ...NARROW,
    settings: { localWeight: 0.5, priorWeight: 0.1, units: 16, outputs: 8, discriminator: [12, 10] },
  },
  nnclr: { ...NARROW, settings: { queue: 40, headWidth: 16, projectionOut: 8, predictorWidth: 12 } },
  byol: { ...NARROW, settings: { headWidth: 16, projectionOut: 8 } },
  simsiam: { ...NARROW, settings: { projectionOut: 16, bottleneck: 4 } },
  "barlow-twins": { ...NARROW, settings: { projectionWidth: 16, projectionOut: 16 } },
  vicreg: { ...NARROW, settings: { projectionWidth: 16, projectionOut: 16 } },
  mae: { ...PATCHES, settings: { decoderWidth: 16, decoderHeads: 2, decoderDepth: 1 } },
  simmim: PATCHES,
  "i-jepa": { ...PATCHES, settings: { predictorWidth: 16, predictorHeads: 2, predictorDepth: 1 } },
};
