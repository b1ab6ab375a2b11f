/** The settings of VICReg, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const vicregSettings = z.strictObject({
  invarianceWeight: z.number().min(0).describe("weight of the squared difference of two views"),
  varianceWeight: z
    .number()
    .min(0)
    .describe("weight of the amount by which an output's deviation is below 1"),
  covarianceWeight: z.number().min(0).describe("weight of the squared covariances of different outputs"),
  projectionLayers: z.int().min(1).describe("linear layers of the projection head"),
  projectionWidth: z.int().positive().describe("hidden width of the projection head"),
  projectionOut: z.int().min(2).describe("D, the number of outputs"),
  cropScale,
});
export type VicregSettings = z.infer<typeof vicregSettings>;

/** The authors' recipe: facebookresearch/vicreg `main_vicreg.py`; the head is scaled to small networks. */
const authors: Recipe<VicregSettings> = {
  defaults: ({ imageSize, features }) => ({
    invarianceWeight: 25,
    varianceWeight: 25,
    covarianceWeight: 1,
    projectionLayers: 3,
    projectionWidth: Math.min(8192, 4 * features),
    projectionOut: Math.min(8192, 4 * features),
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
 *     command  npm run quality -- --methods vicreg --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 18 epochs
 *     score    kNN 55.1 ± 1.5 %, linear probe 56.2 ± 1.0 %
 */
const short: ShortRecipe<VicregSettings> = {
  defaults: () => ({ cropScale: [0.5, 1], projectionLayers: 2 }),
};

export const vicregRecipe = byLength(authors, short);
