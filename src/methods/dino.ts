/**
 * DINO (Caron et al. 2021, arXiv 2104.14294): a student learns the centred, sharpened output of its own moving
 * average, over many crops. Settings are those of facebookresearch/dino `main_dino.py`, with the number of outputs,
 * the head's width, the teacher's temperature and its momentum scaled to the size of the data set.
 */
import { z } from "zod";
import { dinoViews } from "../augment/view-sets.ts";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { dinoLossWithMetrics, nextCentre } from "../losses/dino.ts";
import { teacherInformation } from "../losses/metrics/teacher-information.ts";
import { type DinoHeadOptions, dinoHead } from "../nn/dino-head.ts";
import { zeros } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";
import { cosineSchedule, linearScaling } from "../optim/schedule.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { Method } from "./method.ts";
import { cropFeatures, cropGroups, globalScaleFor, localCropsFor, localSizeFor } from "./multi-crop.ts";
import { LEAST_INFORMATION, outputsFor, risingTemperature, shortDistillation } from "./self-distillation.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const range = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
const settings = z.strictObject({
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
  globalScale: range.describe("area of a global crop, as a share of the picture"),
  localScale: range.describe("area of a local crop, as a share of the picture"),
  headLayers: z.int().min(1).max(32).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  headBatchNorm: z.boolean().describe("whether the head has batch norm"),
  normLastLayer: z.boolean().describe("whether rows of the last layer keep length 1"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs at the start in which the last layer is frozen"),
});
export type DinoSettings = z.infer<typeof settings>;

export const dino: Method<DinoSettings> = {
  name: "dino",
  title: "DINO",
  paper: {
    title: "Emerging Properties in Self-Supervised Vision Transformers",
    authors: "Caron, Touvron, Misra, Jégou, Mairal, Bojanowski, Joulin",
    year: 2021,
    arxiv: "2104.14294",
  },
  idea: "a student matches its moving average across crops; centring and sharpening prevent collapse",
  settings,
  backbone: "vit_tiny",
  defaults: settingsByLength(
    (situation) => ({
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
    shortDistillation,
  ),
  training: trainingByLength((_settings, { batchSize, epochs, family }) => ({
    ...(family === "vit"
      ? { optimizer: "adamw", weightDecay: 0.04, finalWeightDecay: 0.4 }
      : { optimizer: "sgd", weightDecay: 1e-4, finalWeightDecay: 1e-4 }), // the authors' ResNet-50
    learningRate: linearScaling(family === "vit" ? 5e-4 : 0.03, batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: true,
    clip: 3,
  })),
  views: (s, { imageSize }) => cropGroups(dinoViews({ ...s, globalSize: imageSize })),
  scalars: (s, plan) => ({
    teacher_momentum: cosineSchedule({ from: s.teacherMomentum, to: 1, steps: plan.steps }),
    teacher_temperature: risingTemperature(
      { from: s.teacherTemperatureStart, to: s.teacherTemperature, share: s.teacherTemperatureWarmup },
      plan,
    ),
    last_layer_gate: (step) => (step < s.freezeLastLayerEpochs * plan.stepsPerEpoch ? 0 : 1),
  }),
  encoder: "teacher",
  hasTeacher: true,
  gates: [{ prefix: "head.last_layer", gate: "last_layer_gate" }],
  couplesBatch: false,
  collapsedLoss: ({ outputs }) => Math.log(outputs),
  spread: () => LEAST_INFORMATION,
  advice: {
    "collapsed-features":
      "Lower teacherTemperature, which sharpens the targets, or centreMomentum; lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Lower teacherTemperature (0.04 or less) and outputs (1,024 for few pictures, 256 or less in short runs), and then the learning rate",
    "loss-not-falling":
      "Lower outputs, of which a small data set needs few, and raise teacherMomentum; check that the learning rate is not close to 0",
  },
  embed({ settings: s, scope, teacher, backbone, views }) {
    const taught = head(teacher!, cropFeatures(teacher!, backbone, views, ["global"]), s);
    const learned = head(scope, cropFeatures(scope, backbone, views), s);
    return { taught: stopGradient(taught), learned }; // [2B, K] and [V·B, K], globals first
  },
  loss({ taught, learned }, { settings: s, scope, batchSize: b, scalars }) {
    const centre = scope.at("loss").state("centre", [s.outputs], zeros);
    const crops = learned!.shape[0]! / b;
    const { loss, teacherEntropy, kl } = dinoLossWithMetrics({
      student: split(learned!, 0, new Array<number>(crops).fill(b)),
      teacher: split(taught!, 0, [b, b]),
      centre,
      studentTemperature: s.studentTemperature,
      teacherTemperature: scalars.teacher_temperature!,
    });
    scope.at("loss").setState("centre", nextCentre(centre, taught!, s.centreMomentum));
    const information = teacherInformation(split(taught!, 0, [b, b]), centre, scalars.teacher_temperature!);
    return { loss, metrics: { teacher_entropy: teacherEntropy, teacher_information: information, kl } };
  },
};

function head(root: Scope, x: Tensor, s: DinoSettings): Tensor {
  const options: DinoHeadOptions = {
    layers: s.headLayers,
    width: s.headWidth,
    bottleneck: s.bottleneck,
    out: s.outputs,
    batchNorm: s.headBatchNorm,
    normLastLayer: s.normLastLayer,
  };
  return dinoHead(root.at("head"), x, options);
}
