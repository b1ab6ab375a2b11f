/** The settings of Jigsaw, and their values in long and in short runs. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { linearScaling } from "../../optim/schedule.ts";
import { SIDE } from "../parts/puzzle.ts";
import { bySize } from "./largeness.ts";
import type { Recipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

/**
 * Patches below this side, in pixels, are assembled: they do not fill one place of a ResNet's last map, whose
 * stride is 32.
 */
const ALONE_FROM = 32;

export const jigsawSettings = z.strictObject({
  permutations: z.int().min(2).max(1000).describe("number of orders, chosen to differ in many places"),
  patchSize: z
    .int()
    .positive()
    .describe("height and width of a patch, in pixels; its place in its cell is random"),
  assemble: z
    .boolean()
    .describe("whether the encoder sees the shuffled patches as one picture, not one by one"),
  towerWidth: z.int().positive().describe("width of the layer between the encoder and the last layer"),
  normalizePatches: z
    .boolean()
    .describe("whether each patch is normalised to mean 0 and deviation 1, so that brightness gives no hint"),
  greyscale: z.number().min(0).max(1).describe("probability that the picture becomes grey"),
  cropScale,
});
export type JigsawSettings = z.infer<typeof jigsawSettings>;

/**
 * The authors' recipe: the paper's and VISSL's `jigsaw_8gpu_resnet.yaml`. Cells are a third of the picture,
 * patches are three quarters of a cell, and the tower has batch norm. A random resized crop replaces a crop
 * of a few pixels, and there are at most the paper's 1,000 orders.
 */
const authors: Recipe<JigsawSettings> = {
  defaults(situation) {
    const patchSize = patchSizeFor(situation);
    return {
      permutations: Math.round(bySize(situation.pictures, 100, 1000)),
      patchSize,
      towerWidth: Math.round(bySize(situation.pictures, 128, 1000)),
      normalizePatches: true,
      ...(patchSize < ALONE_FROM
        ? { assemble: true, greyscale: 0.1, cropScale: [0.3, 1] }
        : { assemble: false, greyscale: 0.66, cropScale: [0.6, 1] }),
    };
  },
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.1, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [30 / 105, 60 / 105, 90 / 105, 100 / 105],
    warmupEpochs: Math.min(5, epochs * 0.05),
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    clip: null,
  }),
};

/**
 * The recipe for runs of every length. In short runs only the optimiser and its schedule differ.
 *
 *     command  npm run quality -- --methods jigsaw --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 54 epochs
 *     score    kNN 50.7 ± 1.4 %, linear probe 48.1 ± 1.3 %
 */
export const jigsawRecipe = byLength(authors);

/**
 * Three quarters of a cell (64 of 85 pixels) in whole patches of a ViT, with a gap beside it if there is
 * room.
 */
function patchSizeFor({ imageSize, multipleOf }: Situation): number {
  const cell = Math.floor(imageSize / SIDE);
  const units = Math.min(Math.round((cell * 64) / 85 / multipleOf), Math.floor((cell - 1) / multipleOf));
  return Math.max(1, units) * multipleOf;
}
