/** The settings of SwAV, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { localCropsFor, localSizeFor } from "./crop-sizes.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { shares } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const swavSettings = z.strictObject({
  prototypes: z.int().min(2).describe("K, number of prototypes"),
  temperature: z.number().positive().describe("softmax temperature of the predictions"),
  epsilon: z.number().positive().describe("temperature of the assignments: lower is sharper"),
  sinkhornIterations: z.int().min(1).describe("rounds of balancing prototypes and crops"),
  queue: z
    .int()
    .min(0)
    .describe("earlier embeddings of each global crop that are assigned with the batch; 0 for none"),
  queueStart: z.number().min(0).max(1).describe("share of the epochs after which the queue starts to fill"),
  freezePrototypesEpochs: z
    .number()
    .min(0)
    .describe("epochs at the start in which the prototypes are frozen"),
  headWidth: z.int().positive().describe("hidden width of the head, which has two layers"),
  projectionOut: z.int().positive().describe("size of embeddings and prototypes"),
  localCrops: z.int().min(0).describe("local crops per picture, which predict and are not assigned"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: shares.describe("area of a global crop, as a share of the picture"),
  localScale: shares.describe("area of a local crop, as a share of the picture"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
});
export type SwavSettings = z.infer<typeof swavSettings>;

/**
 * The authors' recipe: facebookresearch/swav `main_swav.py`; prototypes and queue are scaled to the size of
 * the data set.
 */
const authors: Recipe<SwavSettings> = {
  defaults: (situation) => {
    const { pictures, imageSize, batchSize } = situation;
    const prototypes = prototypesFor(pictures);
    return {
      prototypes,
      temperature: 0.1,
      epsilon: 0.05,
      sinkhornIterations: 3,
      queue: queueFor(batchSize, prototypes, pictures),
      queueStart: 0.075,
      freezePrototypesEpochs: 1,
      headWidth: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
      projectionOut: 128,
      localCrops: localCropsFor(situation, 6),
      localSize: localSizeFor(situation),
      globalScale: [0.14, 1],
      localScale: [0.05, 0.14],
      colourStrength: imageSize <= 64 ? 0.5 : 1,
    };
  },
  // The authors' rates for batches of 256 and of 4,096. Large batches have a warm-up.
  training: (_settings, { batchSize, epochs }) => {
    const learningRate = linearScaling(batchSize > 512 ? 0.3 : 0.6, batchSize);
    return {
      optimizer: "larc",
      learningRate,
      finalLearningRate: learningRate / 1000,
      warmupEpochs: batchSize > 512 ? Math.min(10, epochs * 0.1) : 0,
      inclusiveWarmup: true,
      weightDecay: 1e-6,
      finalWeightDecay: 1e-6,
      decayAll: true,
      clip: null,
    };
  },
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods swav --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 21 epochs
 *     score    kNN 52.0 ± 1.1 %, linear probe 55.5 ± 0.4 %
 */
const short: ShortRecipe<SwavSettings> = {
  defaults: ({ batchSize, epochs }) => ({
    // A batch fills this many prototypes. Embeddings change fast: a queue of old ones would separate old from
    // new.
    prototypes: Math.min(64, batchSize),
    queue: 0,
    // The network learns sharper predictions too late: .2 is 3 to 4 points better in the probes after
    // minutes.
    temperature: 0.2,
    globalScale: [0.5, 1],
    freezePrototypesEpochs: Math.min(1, 0.1 * epochs),
  }),
};

export const swavRecipe = byLength(authors, short);

/** A prototype for every twenty pictures, from 32 to the authors' 3,000. */
function prototypesFor(pictures: number): number {
  return Math.min(3000, Math.max(32, Math.round(pictures / 20)));
}

/** 0 if a batch fills the prototypes; otherwise the authors' 15 batches, and at most half of the pictures. */
function queueFor(batchSize: number, prototypes: number, pictures: number): number {
  return batchSize >= prototypes ? 0 : Math.min(15 * batchSize, Math.floor(pictures / 2));
}
