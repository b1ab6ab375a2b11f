/** The settings of MoCo v3, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength, shortMomentum } from "./short-runs.ts";

export const mocoV3Settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  keyMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the key encoder at the start; rises to 1 by a cosine"),
  projectionLayers: z.int().min(1).describe("linear layers of the head"),
  headWidth: z.int().positive().describe("hidden width of head and predictor"),
  projectionOut: z.int().positive().describe("size of queries and keys"),
  predictorNorm: z.boolean().describe("whether batch norm follows the predictor's last layer"),
  freezePatchProjection: z
    .boolean()
    .describe("ViT: whether the patch projection stays at its random initial values"),
  cropScale,
});
export type MocoV3Settings = z.infer<typeof mocoV3Settings>;

/**
 * The authors' recipe: facebookresearch/moco-v3 `main_moco.py` and `CONFIG.md`; widths and rates are scaled
 * to small data sets.
 */
const authors: Recipe<MocoV3Settings> = {
  defaults: ({ pictures, family }) => ({
    temperature: family === "vit" ? 0.2 : 1,
    keyMomentum: 0.99,
    projectionLayers: family === "vit" ? 3 : 2,
    headWidth: bySize(pictures, 0, 1) < 0.5 ? 1024 : 4096,
    projectionOut: 256,
    predictorNorm: family === "vit",
    freezePatchProjection: family === "vit",
    cropScale: [family === "vit" ? 0.08 : 0.2, 1],
  }),
  training: (_settings, { batchSize, epochs, family, pictures }) => ({
    ...(family === "vit"
      ? { optimizer: "adamw", weightDecay: 0.1, finalWeightDecay: 0.1 }
      : { optimizer: "lars", rateInMomentum: false, weightDecay: 1e-6, finalWeightDecay: 1e-6 }),
    learningRate: linearScaling(
      family === "vit" ? bySize(pictures, 1e-3, 1.5e-4) : resnetRate(epochs),
      batchSize,
    ),
    finalLearningRate: 0,
    warmupEpochs: family === "vit" ? Math.min(40, epochs * 0.13) : Math.min(10, epochs * 0.1),
    decayAll: family === "vit",
    inclusiveWarmup: false,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods moco-v3 --sets emoji
 *     machine  Intel Xeon, 2 cores
 *     time     4 minutes of training, 16 epochs
 *     score    kNN 53.0 ± 0.9 %, linear probe 53.3 ± 1.2 % (of a ResNet-18)
 */
const short: ShortRecipe<MocoV3Settings> = {
  defaults: (situation) => ({ cropScale: [0.5, 1], keyMomentum: shortMomentum(situation, 0.9) }),
};

export const mocoV3Recipe = byLength(authors, short);

/** `CONFIG.md`: .6 for a batch of 256 in 100 epochs, .3 in 300 and more. */
function resnetRate(epochs: number): number {
  return epochs < 300 ? 0.6 : 0.3;
}
