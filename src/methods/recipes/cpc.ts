/** The settings of CPC, and their values in long and in short runs. */
import * as z from "zod";
import { squareRootScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const cpcSettings = z
  .strictObject({
    grid: z.int().min(2).describe("patches along a side of the picture, from border to border"),
    patch: z.int().positive().describe("side of a patch, in pixels; each patch is encoded separately"),
    nearest: z.int().positive().describe("distance of the first prediction, in rows"),
    farthest: z.int().positive().describe("distance of the last prediction, in rows"),
    context: z
      .enum(["rows", "gru"])
      .describe("masked convolutions over the rows above, or a GRU down each column"),
    contextLayers: z.int().positive().describe("blocks of masked convolutions"),
    contextWidth: z.int().positive().describe("channels in these blocks, or size of the GRU's state"),
    targetWidth: z.int().positive().describe("size of predictions and targets"),
    cosine: z
      .boolean()
      .describe("whether predictions and targets are compared by cosine, not by dot product"),
    temperature: z
      .number()
      .positive()
      .describe("divides the similarities: about 0.1 for cosines, 10 for dot products"),
    dropColour: z.number().min(0).max(1).describe("probability that a patch keeps one of its three colours"),
    flipPatches: z.number().min(0).max(1).describe("probability that a patch is mirrored separately"),
    greyscale: z.number().min(0).max(1).describe("probability that the picture becomes grey"),
    cropScale,
  })
  .refine(({ nearest, farthest }) => nearest <= farthest, {
    path: ["farthest"],
    message: "must be nearest or more",
  })
  .refine(({ farthest, grid }) => farthest < grid, { path: ["farthest"], message: "must be less than grid" });
export type CpcSettings = z.infer<typeof cpcSettings>;

/**
 * The authors published no code. Context, predictions and noise have the form of CPC v2 (Hénaff et al. 2019,
 * arXiv 1905.09272, sections 2 and A.2).
 */
const authors: Recipe<CpcSettings> = {
  defaults: ({ imageSize, multipleOf, pictures }) => ({
    grid: gridFor(imageSize),
    // A patch shares about half of its side with the next one.
    patch: multipleOf * Math.max(1, Math.floor((2 * imageSize) / (gridFor(imageSize) + 1) / multipleOf)),
    nearest: imageSize < 48 ? 2 : 3,
    farthest: imageSize < 48 ? 3 : 5,
    context: "rows",
    contextLayers: bySize(pictures, 0, 1) < 0.5 ? 3 : 5,
    contextWidth: bySize(pictures, 0, 1) < 0.5 ? 128 : 256,
    targetWidth: 64,
    cosine: true,
    temperature: 0.1,
    dropColour: 0.5,
    flipPatches: 0.5,
    greyscale: 0,
    cropScale: [0.6, 1],
  }),
  training: (_settings, { epochs }) => ({
    optimizer: "adamw",
    learningRate: 1e-3,
    finalLearningRate: 0,
    warmupEpochs: Math.min(1, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-5,
    finalWeightDecay: 1e-5,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods cpc --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 8.4 epochs
 *     score    kNN 47.1 ± 1.0 %, linear probe 50.7 ± 1.3 %
 */
const short: ShortRecipe<CpcSettings> = {
  training: ({ batchSize }) => ({ learningRate: squareRootScaling(1e-3, batchSize, 64) }),
};

export const cpcRecipe = byLength(authors, short);

/**
 * Patches along a side: fewer for small pictures, because a patch of a few pixels holds nothing to predict.
 */
function gridFor(imageSize: number): number {
  return imageSize < 48 ? 5 : 7;
}
