/**
 * DINO (Caron et al. 2021, arXiv 2104.14294): a student learns the centred, sharpened output of its own moving
 * average, over many crops. Settings are those of facebookresearch/dino `main_dino.py`, with the number of outputs,
 * the teacher's temperature and its momentum scaled to the size of the data set.
 */
import { z } from "zod";
import { dinoViews } from "../augment/view-sets.ts";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { dinoLossWithMetrics, nextCentre } from "../losses/dino.ts";
import { type DinoHeadOptions, dinoHead } from "../nn/dino-head.ts";
import { zeros } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";
import { constantSchedule, cosineSchedule, linearScaling, perEpoch, warmup } from "../optim/schedule.ts";
import { concat, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method, Plan } from "./method.ts";

const range = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
const settings = z.strictObject({
  outputs: z.int().min(2).describe("K, the outputs of the head"),
  studentTemperature: z.number().positive().describe("softmax temperature of the student"),
  teacherTemperature: z.number().positive().describe("after its warm-up"),
  teacherTemperatureStart: z.number().positive().describe("softmax temperature of the teacher at first"),
  teacherTemperatureWarmup: z.number().min(0).describe("share of the epochs over which it rises"),
  teacherMomentum: z.number().min(0).max(1).describe("at the start; rises to 1 by a cosine"),
  centreMomentum: z.number().min(0).max(1).describe("share of the old centre that stays"),
  localCrops: z.int().min(0).max(100).describe("small crops a picture, for the student only"),
  localSize: z.int().positive().max(MOST_PIXELS).describe("height and width of a local crop, in pixels"),
  globalScale: range.describe("area of a global crop, as a share"),
  localScale: range.describe("area of a local crop, as a share"),
  headLayers: z.int().min(1).max(32).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  headBatchNorm: z.boolean().describe("batch norm in the head"),
  normLastLayer: z.boolean().describe("rows of the last layer keep length 1"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs in which the last layer stands still"),
});
export type DinoSettings = z.infer<typeof settings>;

function outputsFor(pictures: number): number {
  const steps: [number, number][] = [
    [20_000, 1024],
    [50_000, 2048],
    [100_000, 4096],
    [200_000, 16_384],
    [500_000, 32_768],
  ];
  return steps.find(([limit]) => pictures < limit)?.[1] ?? 65_536;
}

/** Local crops at 3/7 of the image size as 96 of 224, in whole patches; for a ResNet in steps of 4 pixels. */
function localSizeFor(imageSize: number, patch: number): number {
  const unit = patch > 1 ? patch : 4;
  return Math.max(unit, Math.round((imageSize * 3) / 7 / unit) * unit);
}

export const dino: Method<DinoSettings> = {
  name: "dino",
  title: "DINO",
  paper: {
    title: "Emerging Properties in Self-Supervised Vision Transformers",
    authors: "Caron, Touvron, Misra, Jégou, Mairal, Bojanowski, Joulin",
    year: 2021,
    arxiv: "2104.14294",
  },
  idea: "a student matches its own moving average across crops; centring and sharpening keep it from collapse",
  settings,
  backbone: "vit_tiny",
  defaults: ({ pictures, imageSize, family, multipleOf }) => ({
    outputs: outputsFor(pictures),
    studentTemperature: 0.1,
    teacherTemperature: bySize(pictures, 0.04, 0.07),
    teacherTemperatureStart: 0.04,
    teacherTemperatureWarmup: 0.3,
    teacherMomentum: bySize(pictures, 0.99, 0.996),
    centreMomentum: 0.9,
    localCrops: imageSize >= 128 ? 8 : 4,
    localSize: localSizeFor(imageSize, multipleOf),
    globalScale: family === "vit" ? [0.4, 1] : [0.14, 1],
    localScale: family === "vit" ? [0.05, 0.4] : [0.05, 0.14],
    headLayers: 3,
    headWidth: 2048,
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
  views: (s, { imageSize }) => {
    const all = dinoViews({
      globalSize: imageSize,
      localSize: s.localSize,
      localCrops: s.localCrops,
      globalScale: s.globalScale,
      localScale: s.localScale,
    });
    const groups = [{ name: "global", views: all.slice(0, 2) }];
    return s.localCrops === 0 ? groups : [...groups, { name: "local", views: all.slice(2) }];
  },
  scalars: (s, plan) => ({
    teacher_momentum: cosineSchedule({ from: s.teacherMomentum, to: 1, steps: plan.steps }),
    teacher_temperature: risingTo(s, plan),
    last_layer_gate: (step) => (step < s.freezeLastLayerEpochs * plan.stepsPerEpoch ? 0 : 1),
  }),
  encoder: "teacher",
  hasTeacher: true,
  gates: [{ prefix: "head.last_layer", gate: "last_layer_gate" }],
  couplesBatch: false,
  collapsedLoss: ({ outputs }) => Math.log(outputs),
  advice: {
    "collapsed-features":
      "Lower teacherTemperature, which sharpens the targets, or centreMomentum; lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Lower teacherTemperature (0.04 or less) and outputs (1,024 for small data sets), and then the learning rate",
    "loss-not-falling":
      "Lower outputs, which are many for a small data set, and raise teacherMomentum; see that the learning rate is not next to 0",
  },
  embed(context) {
    const { settings: s, scope, teacher, views } = context;
    return {
      taught: stopGradient(head(teacher!, features(teacher!, context, ["global"]), s)), // [2B, K]
      learned: head(scope, features(scope, context, Object.keys(views)), s), // [V·B, K], globals first
    };
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
    return { loss, metrics: { teacher_entropy: teacherEntropy, kl } };
  },
};

/** The backbone on each group of views by itself, since sizes differ, stacked: `[V·B, D]`. */
function features(
  root: Scope,
  { backbone, views }: EmbedContext<DinoSettings>,
  groups: readonly string[],
): Tensor {
  return concat(groups.map((group) => backbone.build(root.at("backbone"), views[group]!).features));
}

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

/** In a line from the start's temperature to the final one, epoch by epoch, then constant (`main_dino.py`, DINOLoss). */
function risingTo(s: DinoSettings, { epochs, stepsPerEpoch }: Plan) {
  const after = constantSchedule(s.teacherTemperature);
  const steps = Math.round(s.teacherTemperatureWarmup * epochs);
  const byEpoch = warmup({ start: s.teacherTemperatureStart, steps, after, inclusive: true });
  return perEpoch(byEpoch, stepsPerEpoch);
}
