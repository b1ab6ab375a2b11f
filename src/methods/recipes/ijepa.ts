/** The settings of I-JEPA, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength, shortMomentum } from "./short-runs.ts";

const share = z.number().positive().max(1);

export const ijepaSettings = z.strictObject({
  targets: z.int().positive().describe("blocks of a picture to predict"),
  targetScale: z.tuple([share, share]).describe("area of a block, as a share of the picture"),
  targetAspect: z
    .tuple([z.number().positive(), z.number().positive()])
    .describe("height of a block divided by its width"),
  contextScale: z
    .tuple([share, share])
    .describe("area of the square that contains the context, as a share of the picture"),
  contextShare: share.describe("patches of the context, as a share of the picture's"),
  predictorWidth: z
    .int()
    .positive()
    .multipleOf(4)
    .nullable()
    .describe("width of the predictor's tokens; null is half of the encoder's"),
  predictorDepth: z.int().positive().describe("blocks of the predictor"),
  predictorHeads: z
    .int()
    .positive()
    .nullable()
    .describe("attention heads of the predictor; null is one for each 32 of its width"),
  targetMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the target at the start; rises to 1 linearly"),
  cropScale,
});
export type IjepaSettings = z.infer<typeof ijepaSettings>;

/**
 * The authors' recipe: facebookresearch/ijepa `configs/in1k_vith14_ep300.yaml`; the predictor's width follows
 * the encoder's. Its depth is 6, the default of `src/helper.py`; that file has 12, for a ViT-H. The warm-up
 * starts at 0; theirs starts at a fifth of the peak.
 */
const authors: Recipe<IjepaSettings> = {
  defaults: ({ pictures }) => ({
    targets: 4,
    targetScale: [0.15, 0.2],
    targetAspect: [0.75, 1.5],
    contextScale: [0.85, 1],
    contextShare: 0.3,
    predictorWidth: null,
    predictorDepth: 6,
    predictorHeads: null,
    targetMomentum: bySize(pictures, 0.99, 0.996),
    cropScale: [0.3, 1],
  }),
  training: (_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 1e-3, 1.25e-4), batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(40, epochs * 0.13),
    inclusiveWarmup: false,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods i-jepa --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 35 epochs
 *     score    kNN 48.4 ± 0.3 %, linear probe 51.5 ± 1.5 %
 */
const short: ShortRecipe<IjepaSettings> = {
  // The moving average is the encoder, so it must keep up. A predictor of two blocks leaves more time for the
  // encoder.
  defaults: (situation) => ({ targetMomentum: shortMomentum(situation, 0.9), predictorDepth: 2 }),
};

export const ijepaRecipe = byLength(authors, short);
