/** The settings of InvaSpread, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const invaspreadSettings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  projectionOut: z.int().positive().describe("size of the embeddings"),
  cropScale,
});
export type InvaspreadSettings = z.infer<typeof invaspreadSettings>;

/** The authors' recipe: mangye16/Unsupervised_Embedding_Learning `demo_seen.py`. */
const authors: Recipe<InvaspreadSettings> = {
  defaults: () => ({ temperature: 0.1, projectionOut: 128, cropScale: [0.2, 1] }),
  // The rate falls to .1 and .01 after 120 and 200 of the authors' 301 epochs. Their code falls only to .1:
  // its branches for 160 (.05) and 200 epochs (.01) are `elif` after `epoch >= 120`, so they are never
  // reached.
  training: (_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.06, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.4, 0.66],
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 5e-4,
    finalWeightDecay: 5e-4,
    decayAll: true,
    clip: null,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods invaspread --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 20 epochs
 *     score    kNN 56.4 ± 0.3 %, linear probe 55.2 ± 0.5 %
 */
const short: ShortRecipe<InvaspreadSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
};

export const invaspreadRecipe = byLength(authors, short);
