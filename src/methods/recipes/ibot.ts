/** The settings of iBOT, and their values in long and in short runs. */
import * as z from "zod";
import { linearScaling } from "../../optim/schedule.ts";
import { globalScaleFor, localCropsFor, localSizeFor } from "./crop-sizes.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { outputsFor, shortDistillation } from "./self-distillation.ts";
import { shares } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const ibotSettings = z.strictObject({
  outputs: z.int().min(2).describe("K, the outputs of the head for class tokens and patches"),
  studentTemperature: z.number().positive().describe("softmax temperature of the student"),
  teacherTemperature: z
    .number()
    .positive()
    .describe("softmax temperature of the teacher for class tokens, after the warm-up"),
  patchTemperature: z
    .number()
    .positive()
    .describe("softmax temperature of the teacher for patches, after the warm-up"),
  teacherTemperatureStart: z.number().positive().describe("both temperatures of the teacher at the start"),
  teacherTemperatureWarmup: z
    .number()
    .min(0)
    .describe("share of the epochs over which the temperatures rise"),
  teacherMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the teacher at the start; rises to 1 by a cosine"),
  centreMomentum: z.number().min(0).max(1).describe("share of the old centres that is kept at each step"),
  maskProbability: z.number().min(0).max(1).describe("share of the global crops with hidden patches"),
  maskRatio: shares.describe("share of hidden patches in those crops"),
  localCrops: z.int().min(0).describe("local crops per picture, only for the student's class token"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: shares.describe("area of a global crop, as a share of the picture"),
  localScale: shares.describe("area of a local crop, as a share of the picture"),
  headLayers: z.int().min(1).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  normLastLayer: z.boolean().describe("whether rows of the last layer keep length 1"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs at the start in which the last layer is frozen"),
});
export type IbotSettings = z.infer<typeof ibotSettings>;

/**
 * The authors' recipe: bytedance/ibot `main_ibot.py` and the command in its README; outputs, head width, the
 * teacher's temperatures and its momentum are scaled to the size of the data set.
 */
const authors: Recipe<IbotSettings> = {
  defaults: (situation) => ({
    outputs: Math.min(8192, outputsFor(situation.pictures)),
    studentTemperature: 0.1,
    teacherTemperature: bySize(situation.pictures, 0.04, 0.07),
    patchTemperature: bySize(situation.pictures, 0.04, 0.07),
    teacherTemperatureStart: 0.04,
    teacherTemperatureWarmup: 0.3,
    teacherMomentum: bySize(situation.pictures, 0.99, 0.996),
    centreMomentum: 0.9,
    maskProbability: 0.5,
    maskRatio: [0.1, 0.5],
    localCrops: localCropsFor(situation, 10),
    localSize: localSizeFor(situation),
    globalScale: globalScaleFor(situation, 0.25),
    localScale: [0.05, 0.25],
    headLayers: 3,
    headWidth: bySize(situation.pictures, 0, 1) < 0.5 ? 512 : 2048,
    bottleneck: 256,
    normLastLayer: false,
    freezeLastLayerEpochs: 1,
  }),
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(5e-4, batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: true,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    clip: 3,
  }),
};

/**
 * The recipe for short runs.
 *
 *     command  npm run quality -- --methods ibot --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 16 epochs
 *     score    kNN 48.5 ± 0.9 %, linear probe 50.4 ± 0.5 %
 */
const short: ShortRecipe<IbotSettings> = {
  defaults: shortDistillation,
};

export const ibotRecipe = byLength(authors, short);
