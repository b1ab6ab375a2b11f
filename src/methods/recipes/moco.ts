/** The settings of MoCo v1 and v2, and their values in long and in short runs. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { linearScaling } from "../../optim/schedule.ts";
import { bySize } from "./largeness.ts";
import { queueFor } from "./queue-for.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const mocoSettings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  queue: z.int().positive().describe("K, number of negatives: keys of earlier steps"),
  keyMomentum: z.number().min(0).max(1).describe("momentum of the key encoder"),
  projectionLayers: z.int().min(1).describe("linear layers of the head: 1 in v1, 2 in v2"),
  projectionOut: z.int().positive().describe("size of queries and keys"),
  subBatches: z
    .int()
    .positive()
    .describe("parts of a batch with separate batch norm; keys are shuffled between parts"),
  cropScale,
});
export type MocoSettings = z.infer<typeof mocoSettings>;

/**
 * The authors' recipe: facebookresearch/moco `main_moco.py`; queue and momentum are scaled to the data set.
 */
const authorsV1: Recipe<MocoSettings> = {
  defaults: (situation) => ({ ...defaults(situation), temperature: 0.07, projectionLayers: 1 }),
  training: (_settings, situation) => ({
    ...training(situation),
    decay: "steps",
    milestones: [0.6, 0.8],
  }),
};

/**
 * The recipe of MoCo v1 for short runs.
 *
 *     command  npm run quality -- --methods moco-v1 --sets emoji
 *     machine  Intel Xeon, 2 cores
 *     time     4 minutes of training, 29 epochs
 *     score    kNN 53.8 ± 1.1 %, linear probe 53.2 ± 1.0 %
 */
const shortV1: ShortRecipe<MocoSettings> = {
  defaults: () => ({ cropScale: [0.5, 1] }),
};

export const mocoV1Recipe = byLength(authorsV1, shortV1);

/** The authors' recipe: `main_moco.py` with `--mlp --moco-t 0.2 --aug-plus --cos`. */
const authorsV2: Recipe<MocoSettings> = {
  defaults: (situation) => ({ ...defaults(situation), temperature: 0.2, projectionLayers: 2 }),
  training: (_settings, situation) => training(situation),
};

/**
 * The recipe of MoCo v2 for short runs.
 *
 *     command  npm run quality -- --methods moco-v2 --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 27 epochs
 *     score    kNN 56.2 ± 0.6 %, linear probe 55.7 ± 1.3 %
 */
const shortV2: ShortRecipe<MocoSettings> = {
  defaults: () => ({ cropScale: [0.5, 1], temperature: 0.1, projectionLayers: 1 }),
};

export const mocoV2Recipe = byLength(authorsV2, shortV2);

function defaults({ pictures, batchSize, microBatch = batchSize, batchNorm }: Situation) {
  return {
    queue: queueFor(pictures),
    keyMomentum: bySize(pictures, 0.99, 0.999),
    projectionOut: 128,
    // Batch norm lets a query recognise its key by shared statistics, unless the key is in another part.
    subBatches: batchNorm ? Math.min(4, Math.max(1, Math.floor(microBatch / 32))) : 1,
    cropScale: [0.2, 1] as [number, number],
  };
}

/** The authors' rate is for ImageNet. Solo-learn's runs on small data sets have ten times that rate. */
function training({ batchSize, pictures }: Situation) {
  return {
    optimizer: "sgd" as const,
    learningRate: linearScaling(bySize(pictures, 0.3, 0.03), batchSize),
    finalLearningRate: 0,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    decayAll: true,
    clip: null,
  };
}
