/** The settings of DINO, and their values in long and in short runs. */
import * as z from "zod";
import { MOST_PIXELS } from "../../data/picture-dataset.ts";
import { linearScaling } from "../../optim/schedule.ts";
import { globalScaleFor, localCropsFor, localSizeFor } from "./crop-sizes.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { outputsFor, shortDistillation } from "./self-distillation.ts";
import { shares } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const dinoSettings = z.strictObject({
  outputs: z.int().min(2).describe("K, the outputs of the head"),
  studentTemperature: z.number().positive().describe("softmax temperature of the student"),
  teacherTemperature: z.number().positive().describe("softmax temperature of the teacher after its warm-up"),
  teacherTemperatureStart: z.number().positive().describe("softmax temperature of the teacher at the start"),
  teacherTemperatureWarmup: z
    .number()
    .min(0)
    .describe("share of the epochs over which the teacher's temperature rises"),
  teacherMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the teacher at the start; rises to 1 by a cosine"),
  centreMomentum: z.number().min(0).max(1).describe("share of the old centre that is kept at each step"),
  localCrops: z.int().min(0).max(100).describe("local crops per picture, only for the student"),
  localSize: z.int().positive().max(MOST_PIXELS).describe("height and width of a local crop, in pixels"),
  globalScale: shares.describe("area of a global crop, as a share of the picture"),
  localScale: shares.describe("area of a local crop, as a share of the picture"),
  headLayers: z.int().min(1).max(32).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  headBatchNorm: z.boolean().describe("whether the head has batch norm"),
  normLastLayer: z.boolean().describe("whether rows of the last layer keep length 1"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs at the start in which the last layer is frozen"),
});
export type DinoSettings = z.infer<typeof dinoSettings>;

/**
 * The authors' recipe: facebookresearch/dino `main_dino.py`; outputs, head width, the teacher's temperature
 * and its momentum are scaled to the size of the data set.
 */
const authors: Recipe<DinoSettings> = {
  defaults: (situation) => ({
    outputs: outputsFor(situation.pictures),
    studentTemperature: 0.1,
    teacherTemperature: bySize(situation.pictures, 0.04, 0.07),
    teacherTemperatureStart: 0.04,
    teacherTemperatureWarmup: 0.3,
    teacherMomentum: bySize(situation.pictures, 0.99, 0.996),
    centreMomentum: 0.9,
    localCrops: localCropsFor(situation, 8),
    localSize: localSizeFor(situation),
    globalScale: globalScaleFor(situation, situation.family === "vit" ? 0.4 : 0.14),
    localScale: situation.family === "vit" ? [0.05, 0.4] : [0.05, 0.14],
    headLayers: 3,
    headWidth: bySize(situation.pictures, 0, 1) < 0.5 ? 512 : 2048,
    bottleneck: 256,
    headBatchNorm: false,
    normLastLayer: true,
    freezeLastLayerEpochs: 1,
  }),
  training: (_settings, { batchSize, epochs, family }) => ({
    ...(family === "vit"
      ? { optimizer: "adamw", weightDecay: 0.04, finalWeightDecay: 0.4 }
      : { optimizer: "sgd", weightDecay: 1e-4, finalWeightDecay: 1e-4 }), // the authors' ResNet-50
    learningRate: linearScaling(family === "vit" ? 5e-4 : 0.03, batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: true,
    clip: 3,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods dino --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 17 epochs
 *     score    kNN 45.0 ± 3.8 %, linear probe 49.6 ± 0.7 % (of a ResNet-18)
 */
const short: ShortRecipe<DinoSettings> = {
  defaults: shortDistillation,
};

export const dinoRecipe = byLength(authors, short);
