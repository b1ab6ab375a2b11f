/** The settings of BYOL, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength, shortMomentum } from "./short-runs.ts";

export const byolSettings = z.strictObject({
  targetMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the target at the start; rises to 1 by a cosine"),
  headWidth: z.int().positive().describe("hidden width of the projection head and of the predictor"),
  projectionOut: z.int().positive().describe("size of projections and predictions"),
  headNorm: z
    .enum(["batch", "group", "none"])
    .describe("norm in the heads; group standardises the weights too, so that no picture depends on another"),
  predictor: z.boolean().describe("whether there is a predictor; without it the method collapses"),
  cropScale,
});
export type ByolSettings = z.infer<typeof byolSettings>;

/** The authors' recipe: deepmind-research `byol/configs/byol.py`, scaled to small networks and data sets. */
const authors: Recipe<ByolSettings> = {
  defaults: ({ pictures, imageSize, family, batchNorm, features }) => ({
    targetMomentum: bySize(pictures, 0.99, 0.996),
    headWidth: Math.min(4096, 8 * features),
    projectionOut: 256,
    // A ViT never has batch norm. A ResNet without batch norm shows that its user wants none.
    headNorm: batchNorm || family === "vit" ? "batch" : "group",
    predictor: true,
    cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
  }),
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    rateInMomentum: false,
    learningRate: linearScaling(0.2, batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1.5e-6,
    finalWeightDecay: 1.5e-6,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods byol --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 12 epochs
 *     score    kNN 50.2 ± 1.5 %, linear probe 50.8 ± 0.4 %
 */
const short: ShortRecipe<ByolSettings> = {
  defaults: (situation) => ({ cropScale: [0.5, 1], targetMomentum: shortMomentum(situation, 0.9) }),
};

export const byolRecipe = byLength(authors, short);
