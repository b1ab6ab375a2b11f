/** The settings of Barlow Twins, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const barlowTwinsSettings = z.strictObject({
  redundancyWeight: z.number().min(0).describe("λ, the weight of correlations between different outputs"),
  projectionLayers: z.int().min(1).describe("linear layers of the projection head"),
  projectionWidth: z.int().positive().describe("hidden width of the projection head"),
  projectionOut: z.int().min(2).describe("D, the number of outputs"),
  biasRate: z.number().min(0).describe("learning rate of biases and norms, as a share of the weights' rate"),
  cropScale,
});
export type BarlowTwinsSettings = z.infer<typeof barlowTwinsSettings>;

/** The authors' recipe: facebookresearch/barlowtwins `main.py`; the head is scaled to small networks. */
const authors: Recipe<BarlowTwinsSettings> = {
  defaults: ({ imageSize, features }) => ({
    redundancyWeight: 0.0051,
    projectionLayers: 3,
    projectionWidth: Math.min(8192, 4 * features),
    projectionOut: Math.min(8192, 4 * features),
    biasRate: 0.0048 / 0.2,
    cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
  }),
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    rateInMomentum: false,
    learningRate: linearScaling(0.2, batchSize),
    finalLearningRate: linearScaling(0.2, batchSize) / 1000,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-6,
    finalWeightDecay: 1e-6,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods barlow-twins --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 19 epochs
 *     score    kNN 53.1 ± 1.3 %, linear probe 54.9 ± 0.8 %
 */
const short: ShortRecipe<BarlowTwinsSettings> = {
  // Only LARS needs a smaller rate for biases: AdamW's steps do not depend on the size of gradients.
  defaults: () => ({ cropScale: [0.5, 1], projectionLayers: 2, biasRate: 1 }),
};

export const barlowTwinsRecipe = byLength(authors, short);
