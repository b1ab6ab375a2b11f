/** The settings of NNCLR, and their values in long and in short runs. */
import * as z from "zod";
import { squareRootScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import { queueFor } from "./queue-for.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const nnclrSettings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  queue: z.int().positive().describe("embeddings of earlier steps in which neighbours are searched"),
  headWidth: z.int().positive().describe("hidden width of the head, which has three layers"),
  projectionOut: z.int().positive().describe("size of the embeddings"),
  predictorWidth: z.int().positive().describe("hidden width of the predictor, which has two layers"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
  cropScale,
});
export type NnclrSettings = z.infer<typeof nnclrSettings>;

/**
 * The authors' recipe: section 4.1 of the paper, because the authors published no code. The temperature for
 * small data sets is solo-learn's, and rates follow SimCLR's rule.
 */
const authors: Recipe<NnclrSettings> = {
  defaults: ({ pictures, imageSize }) => ({
    temperature: bySize(pictures, 0.2, 0.1),
    queue: queueFor(pictures),
    headWidth: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
    projectionOut: 256,
    predictorWidth: bySize(pictures, 0, 1) < 0.5 ? 1024 : 4096,
    colourStrength: imageSize <= 64 ? 0.5 : 1,
    cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
  }),
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    learningRate: squareRootScaling(0.075, batchSize),
    finalLearningRate: 0,
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
 *     command  npm run quality -- --methods nnclr --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 17 epochs
 *     score    kNN 50.2 ± 2.4 %, linear probe 52.9 ± 0.6 %
 */
const short: ShortRecipe<NnclrSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
};

export const nnclrRecipe = byLength(authors, short);
