/** The settings of SimSiam, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const simsiamSettings = z.strictObject({
  projectionLayers: z.int().min(1).describe("linear layers of the projection head, all with batch norm"),
  projectionOut: z.int().positive().describe("width of the projection head, and size of projections"),
  bottleneck: z.int().positive().describe("hidden width of the predictor"),
  stopGradient: z.boolean().describe("whether targets get no gradient; otherwise the method collapses"),
  predictor: z.boolean().describe("whether there is a predictor; without it the method collapses"),
  cropScale,
});
export type SimsiamSettings = z.infer<typeof simsiamSettings>;

/** The authors' recipe: facebookresearch/simsiam, scaled to small networks and data sets. */
const authors: Recipe<SimsiamSettings> = {
  defaults: ({ features }) => ({
    projectionLayers: 3,
    projectionOut: Math.min(2048, 4 * features),
    bottleneck: Math.min(2048, 4 * features) / 4,
    stopGradient: true,
    predictor: true,
    cropScale: [0.2, 1],
  }),
  training: (_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.05, batchSize),
    finalLearningRate: 0,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    decayAll: true,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods simsiam --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 17 epochs
 *     score    kNN 51.3 ± 1.3 %, linear probe 51.9 ± 0.2 %
 */
const short: ShortRecipe<SimsiamSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
};

export const simsiamRecipe = byLength(authors, short);
