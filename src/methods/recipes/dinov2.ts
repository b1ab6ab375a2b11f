/** The settings of DINOv2, and their values in long and in short runs. */
import * as z from "zod";
import { squareRootScaling } from "../../optim/schedule.ts";
import { globalScaleFor, localCropsFor, localSizeFor } from "./crop-sizes.ts";
import { bySize } from "./largeness.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";
import { outputsFor, shortDistillation } from "./self-distillation.ts";
import { shares } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const dinov2Settings = z.strictObject({
  outputs: z.int().min(2).describe("K, the outputs of each head"),
  separateHead: z.boolean().describe("whether patches have their own head"),
  studentTemperature: z.number().positive().describe("softmax temperature of the student"),
  teacherTemperature: z.number().positive().describe("temperature of the teacher after its warm-up"),
  teacherTemperatureStart: z.number().positive().describe("temperature of the teacher at the start"),
  teacherTemperatureWarmup: z
    .number()
    .min(0)
    .describe("share of the epochs over which the teacher's temperature rises"),
  sinkhornIterations: z.int().min(1).describe("rounds of balancing the teacher's outputs"),
  teacherMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the teacher at the start; rises to 1 by a cosine"),
  koleoWeight: z.number().min(0).describe("weight of KoLeo, which pushes class tokens apart"),
  maskProbability: z.number().min(0).max(1).describe("share of the global crops with hidden patches"),
  maskRatio: shares.describe("share of hidden patches in those crops"),
  localCrops: z.int().min(0).describe("local crops per picture, only for the student's class token"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: shares.describe("area of a global crop, as a share of the picture"),
  localScale: shares.describe("area of a local crop, as a share of the picture"),
  headLayers: z.int().min(1).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs at the start in which the last layer is frozen"),
  layerDecay: z
    .number()
    .positive()
    .max(1)
    .describe("learning rate of a block, as a share of the next block's"),
  patchRate: z.number().positive().max(1).describe("extra factor of the patch projection's learning rate"),
});
export type Dinov2Settings = z.infer<typeof dinov2Settings>;

/**
 * The authors' recipe: facebookresearch/dinov2 `configs/ssl_default_config.yaml`; outputs, head width, the
 * teacher's temperature and its momentum are scaled to the size of the data set.
 *
 * That file has DINO's centres (`centering: "centering"`). Sinkhorn–Knopp is that of
 * `configs/train/vitl14.yaml` and `vitg14.yaml`. Their other values are not used here: a rate of 2e-4 for
 * 1,024 pictures, 80 epochs of warm-up, a last decay of 0.2 and the same rate for all blocks. The teacher's
 * temperature rises by epochs here, and by iterations in `train/train.py`. Drop-path rises from block to
 * block to 0.1; theirs is 0.3 in all blocks.
 */
const authors: Recipe<Dinov2Settings> = {
  defaults: (situation) => ({
    outputs: outputsFor(situation.pictures),
    separateHead: false,
    studentTemperature: 0.1,
    teacherTemperature: bySize(situation.pictures, 0.04, 0.07),
    teacherTemperatureStart: 0.04,
    teacherTemperatureWarmup: 0.3,
    sinkhornIterations: 3,
    teacherMomentum: bySize(situation.pictures, 0.99, 0.992),
    koleoWeight: 0.1,
    maskProbability: 0.5,
    maskRatio: [0.1, 0.5],
    localCrops: localCropsFor(situation, 8),
    localSize: localSizeFor(situation),
    globalScale: globalScaleFor(situation, 0.32),
    localScale: [0.05, 0.32],
    headLayers: 3,
    headWidth: bySize(situation.pictures, 0, 1) < 0.5 ? 512 : 2048,
    bottleneck: 256,
    freezeLastLayerEpochs: 1,
    layerDecay: 0.9,
    patchRate: 0.2,
  }),
  training: (_settings, { batchSize, epochs }) => ({
    optimizer: "adamw",
    learningRate: squareRootScaling(4e-3, batchSize, 1024),
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
 *     command  npm run quality -- --methods dinov2 --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 15 epochs
 *     score    kNN 54.8 ± 1.0 %, linear probe 52.1 ± 1.0 %
 */
const short: ShortRecipe<Dinov2Settings> = {
  defaults: (situation) => shortDistillation(situation, 0.9),
};

export const dinov2Recipe = byLength(authors, short);
