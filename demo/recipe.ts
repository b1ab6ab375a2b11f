/**
 * How the demo trains: SimCLR on a narrow ResNet at 32 pixels.
 *
 * Command: npm run demo. Time and expected scores: README.md, first screen.
 */
import type { Choices } from "afterimage";

export const CANVAS = 48;

export const RECIPE = {
  method: "simclr",
  backbone: "resnet18",
  backboneOptions: { widthMultiplier: 0.5, stem: "imagenet" },
  imageSize: 32,
  canvas: CANVAS,
  batchSize: 128,
  training: { optimizer: "adamw", learningRate: 2e-3, weightDecay: 0.01, finalWeightDecay: 0.01 },
} as const satisfies Choices;
