/** The settings of MAE, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const maeSettings = z.strictObject({
  maskRatio: z.number().positive().lt(1).describe("share of hidden patches"),
  normalizePixels: z.boolean().describe("whether each target patch is normalised to mean 0 and deviation 1"),
  decoderWidth: z
    .int()
    .positive()
    .multipleOf(4)
    .nullable()
    .describe("width of the decoder's tokens; null is two thirds of the encoder's"),
  decoderDepth: z.int().positive().describe("blocks of the decoder"),
  decoderHeads: z
    .int()
    .positive()
    .nullable()
    .describe("attention heads of the decoder; null is one for each 32 of its width"),
  feature: z
    .enum(["class", "mean"])
    .describe("feature of a picture: its class token, or the mean of its patches"),
  cropScale,
});
export type MaeSettings = z.infer<typeof maeSettings>;

/**
 * The authors' recipe: facebookresearch/mae `main_pretrain.py` and `PRETRAIN.md`; the decoder follows the
 * encoder.
 */
const authors: Recipe<MaeSettings> = {
  defaults: () => ({
    maskRatio: 0.75,
    normalizePixels: true,
    decoderWidth: null,
    decoderDepth: 4,
    decoderHeads: null,
    feature: "mean",
    cropScale: [0.2, 1],
  }),
  training: (_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 2e-3, 1.5e-4), batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(40, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    beta2: 0.95,
    clip: null,
  }),
};

/**
 * The recipe for runs of every length. In short runs only the optimiser and its schedule differ.
 *
 *     command  npm run quality -- --methods mae --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 41 epochs
 *     score    kNN 54.7 ± 0.9 %, linear probe 53.8 ± 1.4 %
 */
export const maeRecipe = byLength(authors);
