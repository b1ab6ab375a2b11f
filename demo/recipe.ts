/**
 * The demo's training: SimCLR on a narrow ResNet at 48 pixels.
 *
 * Command: npm run demo. Time and scores: README.md, first screen.
 *
 * Changes that helped, one after another (copy detection recall@1 / across artists mean recall@5, seed 0).
 * After 12 epochs: 32 px, 32 channels, temperature .2, crops from .3, strength .5: .34 / .30; temperature .1,
 * crops from .4: .43 / .35; temperature .07, crops from .5, learning rate 3e-3: .47 / .36; 48 px and 24
 * channels: .50 / .43. After 4 epochs, batches of 64, strength .6: .32 / .35; learning rate 5e-3: .40 / .36
 * (1e-2: .38 / .33; batches of 32: .39 / .35); blur: .43 / .37; a head of one layer instead of two: .47 /
 * .41. A deeper head shields the features from the invariances that the loss trains, such as to crops, and
 * these tasks need these invariances.
 * In 4 minutes, with that recipe: 24 channels, 14 epochs: .66 / .46; 32 channels, 15 epochs: .70 / .47. 32
 * channels are whole blocks, which the CPU convolves at twice the speed.
 * Blocks that start as their shortcuts, SimCLR's default, do not help here: .62 / .46 after 10 epochs, .64 /
 * .46 after 10 without.
 */
import type { Choices } from "afterimage";

export const CANVAS = 48;

/**
 * With fewer epochs, not every row of the table is above pixels. With five, beside three other programs on
 * two cores, nine rows are above and one is equal (noto – fluent-emoji-flat, recall@1 .225). A slow machine
 * takes longer then, and the demo says so.
 */
export const FEWEST_EPOCHS = 6;

export const RECIPE = {
  method: "simclr",
  backbone: "resnet18",
  backboneOptions: { widthMultiplier: 0.5, stem: "imagenet", zeroInit: false },
  imageSize: 48,
  canvas: CANVAS,
  batchSize: 64,
  settings: {
    ...{ temperature: 0.07, decoupled: false, projectionLayers: 1, projectionOut: 128 },
    ...{ cropScale: [0.5, 1], colourStrength: 0.6, blur: true, viewScale: 1 },
  },
  training: { optimizer: "adamw", learningRate: 5e-3, weightDecay: 0.01, finalWeightDecay: 0.01 },
} as const satisfies Choices;
