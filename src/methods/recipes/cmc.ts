/** The settings of CMC, and their values in long and in short runs. */
import * as z from "zod";
import { COLOUR_SPACES } from "../../augment/colour-spaces.ts";
import { linearScaling } from "../../optim/schedule.ts";
import { isSplit } from "../parts/colour-views.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

/**
 * The largest data set whose negatives come from the batch. A bank updates a row once an epoch, so it needs
 * many epochs: for 1,700 emoji at 16 pixels, kNN accuracy after 20 epochs is 50 % with the batch and 40 %
 * with a bank.
 */
const SMALL = 100_000;

export const cmcSettings = z
  .strictObject({
    colours: z.enum(["lab", "ycbcr"]).describe("the colour space whose channels are the views"),
    split: z
      .array(z.string())
      .nullable()
      .describe(
        'channels of each view, such as ["l","a","b"]; null: lightness, and the two channels of colour',
      ),
    graph: z
      .enum(["core", "full"])
      .describe("which views are compared: core, the first with each other one; full, all pairs"),
    loss: z.enum(["bank", "batch"]).describe("where negatives come from: a memory bank, or the batch"),
    temperature: z.number().positive().describe("divides the cosines"),
    negatives: z
      .int()
      .min(0)
      .describe("bank: rows drawn for NCE at each step; 0 uses the whole bank in a softmax"),
    bankMomentum: z
      .number()
      .min(0)
      .lt(1)
      .describe("share of a picture's row that is kept when it is updated"),
    projectionOut: z.int().positive().describe("size of the embeddings and of the bank's rows"),
    cropScale,
  })
  .superRefine(({ colours, split }, context) => {
    const { channels } = COLOUR_SPACES[colours];
    if (split === null || isSplit(split, channels)) return;
    const message = `two views and more, each of one or more of the channels ${channels.join(", ")}`;
    context.addIssue({ code: "custom", path: ["split"], message });
  });
export type CmcSettings = z.infer<typeof cmcSettings>;

/** The authors' recipe: HobbitLong/CMC `train_CMC.py`; for small data sets the batch replaces the bank. */
const authors: Recipe<CmcSettings> = {
  defaults: ({ pictures, imageSize }) => ({
    colours: "lab",
    split: null,
    graph: "core",
    loss: pictures <= SMALL ? "batch" : "bank",
    temperature: bySize(pictures, 0.1, 0.07),
    negatives: pictures <= SMALL ? 0 : 16_384,
    bankMomentum: 0.5,
    projectionOut: 128,
    cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
  }),
  training: (_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.06, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [1 / 2, 2 / 3, 5 / 6],
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
 *     command  npm run quality -- --methods cmc --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 17 epochs
 *     score    kNN 54.5 ± 1.3 %, linear probe 56.9 ± 0.8 %
 */
const short: ShortRecipe<CmcSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
};

export const cmcRecipe = byLength(authors, short);
