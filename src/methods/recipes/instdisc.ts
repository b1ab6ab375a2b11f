/** The settings of InstDisc, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling, squareRootScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

/**
 * The largest data set for which the comparison with the whole bank is a small part of a ResNet-18's step.
 */
const SOFTMAX_UP_TO = 100_000;

export const instdiscSettings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  negatives: z
    .int()
    .min(0)
    .describe("K, rows of the bank drawn for NCE at each step; 0 uses the whole bank in a softmax"),
  bankMomentum: z.number().min(0).lt(1).describe("share of a picture's row that is kept when it is updated"),
  proximal: z.number().min(0).describe("λ, weight of the distance to the embedding of an epoch ago"),
  projectionOut: z.int().positive().describe("D, size of the embeddings and of the bank's rows"),
  cropScale,
  flip: z.number().min(0).max(1).describe("probability of a horizontal flip"),
});
export type InstdiscSettings = z.infer<typeof instdiscSettings>;

/**
 * The authors' recipe: zhirongw/lemniscate.pytorch, `main.py` for ImageNet's size and `cifar.py` for small
 * data sets.
 */
const authors: Recipe<InstdiscSettings> = {
  defaults: ({ pictures, imageSize }) => ({
    temperature: bySize(pictures, 0.1, 0.07),
    negatives: pictures <= SOFTMAX_UP_TO ? 0 : 4096,
    bankMomentum: 0.5,
    proximal: 0,
    projectionOut: 128,
    cropScale: [0.2, 1],
    flip: imageSize <= 64 ? 0 : 0.5,
  }),
  training: (_settings, { batchSize, pictures, epochs }) => ({
    optimizer: "sgd",
    // The authors' rate is .03 for batches of 128 on CIFAR, and of 256 on ImageNet.
    learningRate: linearScaling(bySize(pictures, 0.06, 0.03), batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.6, 0.8],
    // The authors have no warm-up. It keeps a short run from learning the random rows of the first epoch.
    warmupEpochs: bySize(pictures, Math.min(2, 0.1 * epochs), 0),
    inclusiveWarmup: false,
    weightDecay: bySize(pictures, 5e-4, 1e-4),
    finalWeightDecay: bySize(pictures, 5e-4, 1e-4),
    decayAll: true,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods instdisc --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 35 epochs
 *     score    kNN 53.8 ± 1.7 %, linear probe 53.2 ± 0.5 %
 */
const short: ShortRecipe<InstdiscSettings> = {
  // A short run updates each row a few times. At a momentum of a half, a row's random start would last for
  // much of it.
  defaults: () => ({ cropScale: [0.5, 1], bankMomentum: 0 }),
  // Rows are an epoch old. A network that learns faster would leave them behind.
  training: ({ epochs, batchSize }) => ({
    learningRate: squareRootScaling(1e-3, batchSize, 64),
    warmupEpochs: Math.min(2, 0.4 * epochs),
  }),
};

export const instdiscRecipe = byLength(authors, short);
