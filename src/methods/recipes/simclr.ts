/** The settings of SimCLR, and their values in long and in short runs. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { linearScaling, squareRootScaling } from "../../optim/schedule.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength, contrastedCrop } from "./short-runs.ts";

export const simclrSettings = z.strictObject({
  temperature: z.number().positive().describe("softmax temperature of NT-Xent"),
  decoupled: z
    .boolean()
    .default(false)
    .describe("whether a positive pair is left out of its own denominator (DCL)"),
  projectionLayers: z.int().min(1).max(4).describe("linear layers of the projection head"),
  projectionWidth: z
    .int()
    .positive()
    .nullable()
    .describe("hidden width of the head; null is the encoder's width"),
  projectionOut: z.int().positive().describe("size of the embedding"),
  projectionNorm: z.boolean().describe("whether the head has batch norm"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
  blur: z.boolean().describe("whether half of the views are blurred"),
  cropScale,
  viewScale: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("side of the training views, as a share of the image size"),
});
export type SimclrSettings = z.infer<typeof simclrSettings>;

/**
 * The authors' recipe: google-research/simclr `run.py`, scaled to small batches; for pictures of up to 64
 * pixels the command for CIFAR-10 in its README, and appendix B.9. The head has two layers as in the paper
 * (three is the repository's default).
 */
const authors: Recipe<SimclrSettings> = {
  defaults: ({ imageSize, features }) => ({
    temperature: imageSize <= 64 ? 0.5 : 0.1,
    decoupled: false,
    projectionLayers: 2,
    projectionWidth: features,
    projectionOut: 128,
    projectionNorm: true,
    colourStrength: imageSize <= 64 ? 0.5 : 1,
    blur: imageSize > 64,
    cropScale: [0.08, 1],
    viewScale: 1,
  }),
  // CIFAR's rate is linear in the batch, 1 for 256 pictures. Otherwise it is 0.075·√B (`run.py`,
  // learning_rate_scaling = "sqrt"), which the authors advise for batches below their 4,096. Both rules agree
  // at that size if the linear rate is 0.3.
  training: (_settings, { batchSize, epochs, imageSize }) => ({
    optimizer: "lars",
    learningRate: imageSize <= 64 ? linearScaling(1, batchSize) : squareRootScaling(0.075, batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    clip: null,
  }),
};

/**
 * The recipe for short runs. With views as large as the pictures there are 17 epochs in the same time, kNN
 * 57.7 ± 0.6 % and linear probe 55.8 ± 1.4 %.
 *
 *     command  npm run quality -- --methods simclr --sets emoji --epochs 36
 *     machine  AMD EPYC, 2 cores
 *     time     4 minutes of training, 36 epochs
 *     score    kNN 59.1 ± 0.8 %, linear probe 57.9 ± 1.0 % (three seeds)
 */
const short: ShortRecipe<SimclrSettings> = {
  defaults: (situation) => ({
    cropScale: contrastedCrop(situation),
    temperature: 0.1,
    // A head wider than the features lets them keep more information that the embedding does not need.
    projectionWidth: Math.min(2048, 4 * situation.features),
    projectionOut: Math.min(2048, 4 * situation.features),
    viewScale: smallViews(situation) ? 0.67 : 1,
  }),
};

/**
 * Up to 32 pixels the network keeps the resolution of its input. A step on views of two thirds then costs
 * half, so the same time has twice as many steps. Above 32 pixels the first layers shrink pictures to a
 * quarter, and smaller views lose too much detail. On 430 photographs in equal time (quality/README.md), kNN
 * at 48 pixels is 44.0 % with smaller views and 51.9 % without; at 64 pixels, 46.7 and 52.3 %.
 */
function smallViews({ family, multipleOf, imageSize }: Situation): boolean {
  return family !== "vit" && multipleOf === 1 && imageSize <= 32;
}

export const simclrRecipe = byLength(authors, short);
