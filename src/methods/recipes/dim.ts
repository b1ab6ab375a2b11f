/** The settings of Deep InfoMax, and their values in long and in short runs. */
import * as z from "zod";
import { squareRootScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength, contrastedCrop, settingsAtOnce } from "./short-runs.ts";

const weight = z.number().min(0);

export const dimSettings = z
  .strictObject({
    globalWeight: weight.describe("α, weight of the information shared with the whole map"),
    localWeight: weight.describe("β, weight of the information shared with each place of the map"),
    priorWeight: weight.describe("γ, weight of the match between summaries and a uniform prior"),
    views: z
      .int()
      .min(1)
      .max(2)
      .describe("1: summary and map come from the same view; 2: from different views"),
    temperature: z.number().positive().nullable().describe("divides the scores; null is √units"),
    bound: z
      .enum(["jsd", "nce", "dv"])
      .describe("estimate of the information: Jensen–Shannon, InfoNCE or Donsker–Varadhan"),
    outputs: z.int().positive().describe("size of the summary, a linear map of the features"),
    units: z.int().positive().describe("width of the two networks whose outputs are multiplied to scores"),
    localSide: z
      .int()
      .positive()
      .describe("the map is a ResNet's last one with at least this many places a side"),
    discriminator: z
      .tuple([z.int().positive(), z.int().positive()])
      .describe("hidden widths of the discriminator between summaries and the prior"),
    cropScale,
  })
  .refine(({ globalWeight, localWeight }) => globalWeight + localWeight > 0, {
    path: ["localWeight"],
    message: "must be above 0 if globalWeight is 0",
  });
export type DimSettings = z.infer<typeof dimSettings>;

/**
 * The authors' recipe: rdevon/DIM `cortex_DIM/models/dim.py` and `prior_matching.py`, with the paper's
 * weights for DIM(L); the number of units is scaled to the size of the data set.
 */
const authors: Recipe<DimSettings> = {
  defaults: ({ pictures, imageSize }) => ({
    globalWeight: 0,
    localWeight: 1,
    priorWeight: 0.1,
    views: 1,
    temperature: 1,
    bound: "jsd",
    outputs: 64,
    units: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
    localSide: Math.min(7, Math.max(1, Math.floor(imageSize / 4))),
    discriminator: [1000, 200],
    cropScale: [0.6, 1],
  }),
  training: (_settings, { epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: bySize(pictures, 1e-3, 1e-4),
    finalLearningRate: 0,
    warmupEpochs: Math.min(1, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 0,
    finalWeightDecay: 0,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods dim --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 13 epochs
 *     score    kNN 56.1 ± 0.6 %, linear probe 53.8 ± 1.7 %
 */
const short: ShortRecipe<DimSettings> = {
  // If summary and map come from one view, a few epochs learn the features that distinguish a picture from
  // all others, and not its content. Places of background do not identify a picture either. So short runs
  // compare whole maps of two views.
  defaults: (situation) => ({
    globalWeight: 1,
    localWeight: 0,
    priorWeight: 0,
    views: 2,
    temperature: null,
    bound: "nce",
    cropScale: contrastedCrop(situation),
  }),
  training: ({ batchSize }) => ({ learningRate: squareRootScaling(1e-3, batchSize, 64) }),
};

export const dimRecipe = byLength(authors, short, settingsAtOnce);
