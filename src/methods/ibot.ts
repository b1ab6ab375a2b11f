/**
 * iBOT (Zhou, Wei, Wang, Shen, Xie, Yuille, Kong 2021, arXiv 2111.07832): DINO, and what its teacher says of patches that are
 * hidden from the student. Settings are those of bytedance/ibot `main_ibot.py` and of the command in its README, with the
 * number of outputs, the head's width, the teacher's temperatures and its momentum scaled to the size of the data set.
 */
import { z } from "zod";
import { dinoViews } from "../augment/view-sets.ts";
import type { BackboneOutput } from "../backbones/backbone.ts";
import { ibotLossWithParts, nextIbotCentres } from "../losses/ibot.ts";
import { teacherEntropy } from "../losses/metrics/teacher-entropy.ts";
import { teacherInformation } from "../losses/metrics/teacher-information.ts";
import { type DinoHeadOptions, dinoBottleneck, dinoHead, dinoLastLayer } from "../nn/dino-head.ts";
import { zeros } from "../nn/initializers.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import { cosineSchedule, linearScaling } from "../optim/schedule.ts";
import { concat, mean, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { hiddenPatches, hiddenPatchesDraw, maskToken } from "./hidden-patches.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method } from "./method.ts";
import { cropFeatures, cropGroups, globalScaleFor, localCropsFor, localSizeFor } from "./multi-crop.ts";
import { LEAST_INFORMATION, outputsFor, risingTemperature, shortDistillation } from "./self-distillation.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const range = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
const settings = z.strictObject({
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
  maskRatio: range.describe("share of hidden patches in those crops"),
  localCrops: z.int().min(0).describe("local crops per picture, only for the student's class token"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: range.describe("area of a global crop, as a share of the picture"),
  localScale: range.describe("area of a local crop, as a share of the picture"),
  headLayers: z.int().min(1).describe("linear layers before the last one"),
  headWidth: z.int().positive().describe("hidden width of the head"),
  bottleneck: z.int().positive().describe("width before the last layer"),
  normLastLayer: z.boolean().describe("whether rows of the last layer keep length 1"),
  freezeLastLayerEpochs: z.number().min(0).describe("epochs at the start in which the last layer is frozen"),
});
export type IbotSettings = z.infer<typeof settings>;

export const ibot: Method<IbotSettings> = {
  name: "ibot",
  title: "iBOT",
  paper: {
    title: "iBOT: Image BERT Pre-Training with Online Tokenizer",
    authors: "Zhou, Wei, Wang, Shen, Xie, Yuille, Kong",
    year: 2021,
    arxiv: "2111.07832",
  },
  idea: "DINO whose student also predicts the teacher's outputs for patches that are hidden from it",
  settings,
  backbone: "vit_tiny",
  family: "vit",
  defaults: settingsByLength(
    (situation) => ({
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
    shortDistillation,
  ),
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(5e-4, batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: true,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    clip: 3,
  })),
  views: (s, { imageSize }) => cropGroups(dinoViews({ ...s, globalSize: imageSize })),
  draws: (s, situation) => [hiddenPatchesDraw(s, situation, (side) => Math.floor(side / 3) ** 2)],
  scalars: (s, plan) => {
    const rising = (to: number) =>
      risingTemperature({ from: s.teacherTemperatureStart, to, share: s.teacherTemperatureWarmup }, plan);
    return {
      teacher_momentum: cosineSchedule({ from: s.teacherMomentum, to: 1, steps: plan.steps }),
      teacher_temperature: rising(s.teacherTemperature),
      patch_temperature: rising(s.patchTemperature),
      last_layer_gate: (step) => (step < s.freezeLastLayerEpochs * plan.stepsPerEpoch ? 0 : 1),
    };
  },
  encoder: "teacher",
  hasTeacher: true,
  gates: [{ prefix: "head.last_layer", gate: "last_layer_gate" }],
  couplesBatch: false,
  collapsedLoss: ({ outputs, maskProbability }) => (1 + maskProbability) * Math.log(outputs),
  spread: () => LEAST_INFORMATION,
  advice: {
    "collapsed-features":
      "Lower teacherTemperature and patchTemperature, which sharpens the targets; lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Lower teacherTemperature and patchTemperature (0.04 or less) and outputs (256 or less in short runs), and then the learning rate",
    "loss-not-falling":
      "Lower outputs, which are many for a small data set, and raise teacherMomentum; hide fewer patches",
  },
  embed(context) {
    const { draws, views, backbone, teacher } = context;
    const seen = backbone.build(teacher!.at("backbone"), views.global!);
    const hidden = hiddenPatches(draws.hidden!, seen.patches!.shape[1]!);
    return { ...taught(seen, hidden.places, context), ...learned(hidden, context), counted: hidden.counted };
  },
  loss(embedded, { settings: s, scope, batchSize: b, scalars }) {
    const { taughtClass, taughtPatches, taughtMean, learnedClass, learnedPatches, counted } = embedded;
    const crops = (rows: Tensor) => [reshape(rows, [-1, b, s.outputs])];
    const state = scope.at("loss");
    const centres = {
      teacherClass: crops(taughtClass!),
      classCentre: state.state("class_centre", [s.outputs], zeros),
      patchCentre: state.state("patch_centre", [s.outputs], zeros),
    };
    const { loss, classLoss, patchLoss } = ibotLossWithParts({
      ...centres,
      ...{ studentClass: crops(learnedClass!), mask: counted! },
      ...{ studentPatches: learnedPatches!, teacherPatches: taughtPatches! },
      studentTemperature: s.studentTemperature,
      classTemperature: scalars.teacher_temperature!,
      patchTemperature: scalars.patch_temperature!,
    });
    const momenta = { classToken: s.centreMomentum, patches: s.centreMomentum };
    const next = nextIbotCentres({ ...centres, teacherPatches: taughtMean! }, momenta);
    state.setState("class_centre", next.classCentre);
    state.setState("patch_centre", next.patchCentre);
    const entropy = teacherEntropy(centres.teacherClass, centres.classCentre, scalars.teacher_temperature!);
    const information = teacherInformation(
      centres.teacherClass,
      centres.classCentre,
      scalars.teacher_temperature!,
    );
    const parts = { class_loss: classLoss, patch_loss: patchLoss };
    return { loss, metrics: { ...parts, teacher_entropy: entropy, teacher_information: information } };
  },
};

/**
 * The teacher's outputs for class tokens `[2B, K]` and hidden patches `[2B, n, K]`, and the mean over all patches `[2B, K]`,
 * which the centre follows: for it the last layer, being linear, needs no more than the mean of what comes in.
 */
function taught(seen: BackboneOutput, places: Tensor, { teacher, settings }: EmbedContext<IbotSettings>) {
  const head = teacher!.at("head");
  const options = headOptions(settings);
  const first = dinoBottleneck(head, stopGradient(seen.features), options);
  const patches = dinoBottleneck(head, stopGradient(seen.patches!), options); // [2B, N, bottleneck]
  const last = (rows: Tensor) => stopGradient(dinoLastLayer(head, rows, options));
  return {
    taughtClass: last(first),
    taughtPatches: last(pickTokens(patches, places)),
    taughtMean: last(mean(patches, [1])),
  };
}

/** The student's outputs for the class tokens of all crops `[V·B, K]`, global ones first, and for hidden patches `[2B, n, K]`. */
function learned(
  { where, places }: Pick<ReturnType<typeof hiddenPatches>, "where" | "places">,
  { scope, backbone, views, settings }: EmbedContext<IbotSettings>,
) {
  const masked = { where, token: maskToken(scope, backbone.features) };
  const { features, patches } = backbone.build(scope.at("backbone"), views.global!, { masked });
  const local = views.local === undefined ? [] : [cropFeatures(scope, backbone, views, ["local"])];
  const picked = pickTokens(patches!, places); // [2B, n, D]
  const rows = concat([features, ...local, reshape(picked, [-1, backbone.features])]);
  const classes = rows.shape[0]! - places.size;
  const outputs = dinoHead(scope.at("head"), rows, headOptions(settings));
  const [learnedClass, learnedPatches] = split(outputs, 0, [classes, places.size]);
  return {
    learnedClass: learnedClass!,
    learnedPatches: reshape(learnedPatches!, [...places.shape, settings.outputs]),
  };
}

function headOptions(s: IbotSettings): DinoHeadOptions {
  return {
    ...{ layers: s.headLayers, width: s.headWidth, bottleneck: s.bottleneck, out: s.outputs },
    ...{ batchNorm: false, normLastLayer: s.normLastLayer },
  };
}
