/** The settings of RotNet, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import type { Recipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const rotnetSettings = z.strictObject({ cropScale });
export type RotnetSettings = z.infer<typeof rotnetSettings>;

/**
 * The authors' recipe: gidariss/FeatureLearningRotNet `CIFAR10_RotNet_NIN4blocks.py`; a random resized crop
 * replaces a crop of a padded picture.
 */
const authors: Recipe<RotnetSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
  training: (_settings, { batchSize }) => ({
    optimizer: "sgd",
    nesterov: true,
    learningRate: linearScaling(0.1, batchSize, 128),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.3, 0.6, 0.8],
    milestoneFactor: 0.2,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 5e-4,
    finalWeightDecay: 5e-4,
    decayAll: true,
    clip: null,
  }),
};

/**
 * The recipe for runs of every length. In short runs only the optimiser and its schedule differ.
 *
 *     command  npm run quality -- --methods rotnet --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 11 epochs
 *     score    kNN 54.9 ± 0.6 %, linear probe 54.9 ± 1.4 %
 */
export const rotnetRecipe = byLength(authors);
