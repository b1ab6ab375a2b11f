/**
 * iBOT (Zhou, Wei, Wang, Shen, Xie, Yuille, Kong 2021, arXiv 2111.07832): DINO whose student also predicts
 * the teacher's outputs for patches that are hidden from it.
 */
import { dinoViews } from "../augment/view-sets.ts";
import type { BackboneOutput } from "../backbones/backbone.ts";
import { ibotLossWithParts, nextIbotCentres } from "../losses/ibot.ts";
import { teacherEntropy } from "../losses/metrics/teacher-entropy.ts";
import { teacherInformation } from "../losses/metrics/teacher-information.ts";
import { type DinoHeadOptions, dinoBottleneck, dinoHead, dinoLastLayer } from "../nn/dino-head.ts";
import { zeros } from "../nn/initializers.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext, Embeddings, LossContext, LossResult } from "../objectives/objective.ts";
import type { Plan } from "../objectives/situation.ts";
import { concat, mean, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { type HiddenPatches, hiddenPatches, hiddenPatchesDraw, maskToken } from "./parts/hidden-patches.ts";
import { LEAST_INFORMATION } from "./parts/least-information.ts";
import { cropFeatures, cropGroups } from "./parts/multi-crop.ts";
import { openAfter, risingMomentum, risingTemperature } from "./parts/schedules.ts";
import { type IbotSettings, ibotRecipe, ibotSettings } from "./recipes/ibot.ts";

export const ibot: CatalogueMethod<IbotSettings> = {
  name: "ibot",
  title: "iBOT",
  paper: {
    title: "iBOT: Image BERT Pre-Training with Online Tokenizer",
    authors: "Zhou, Wei, Wang, Shen, Xie, Yuille, Kong",
    year: 2021,
    arxiv: "2111.07832",
  },
  idea: "DINO whose student also predicts the teacher's outputs for patches that are hidden from it",
  settings: ibotSettings,
  ...ibotRecipe,
  backbone: "vit_tiny",
  family: "vit",
  encoder: "teacher",
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
  objective: (settings, situation) => ({
    views: cropGroups(dinoViews({ ...settings, globalSize: situation.imageSize })),
    draws: [hiddenPatchesDraw(settings, situation, (side) => Math.floor(side / 3) ** 2)],
    teacher: { momentum: risingMomentum(settings.teacherMomentum) },
    scalars: (plan) => scalarsOf(settings, plan),
    gates: [{ prefix: "head.last_layer", gate: "last_layer_gate" }],
    couplesBatch: false,
    embed(context) {
      const { draws, views, backbone, teacher } = context;
      const seen = backbone.build(teacher!.at("backbone"), views.global!);
      const hidden = hiddenPatches(draws.hidden!, seen.patches!.shape[1]!);
      const targets = taught(seen, hidden.places, context, settings);
      return { ...targets, ...learned(hidden, context, settings), counted: hidden.counted };
    },
    loss: (embeddings, context) => lossOf(embeddings, context, settings),
  }),
};

function scalarsOf(s: IbotSettings, plan: Plan) {
  const [from, share] = [s.teacherTemperatureStart, s.teacherTemperatureWarmup];
  return {
    teacher_temperature: risingTemperature({ from, to: s.teacherTemperature, share }, plan),
    patch_temperature: risingTemperature({ from, to: s.patchTemperature, share }, plan),
    last_layer_gate: openAfter(s.freezeLastLayerEpochs, plan),
  };
}

/**
 * The teacher's outputs for class tokens `[2B, K]` and hidden patches `[2B, n, K]`, and their mean over all
 * patches `[2B, K]`, which moves the centre. The last layer is linear, so this mean needs only the mean of
 * its inputs.
 */
function taught(seen: BackboneOutput, places: Tensor, { teacher }: EmbedContext, settings: IbotSettings) {
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

/**
 * The student's outputs for class tokens of all crops `[V·B, K]`, globals first, and for hidden patches
 * `[2B, n, K]`.
 */
function learned(
  { where, places }: Pick<HiddenPatches, "where" | "places">,
  { scope, backbone, views }: EmbedContext,
  settings: IbotSettings,
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

function lossOf(
  embedded: Embeddings,
  { scope, batchSize: b, scalars }: LossContext,
  s: IbotSettings,
): LossResult {
  const { taughtClass, taughtPatches, taughtMean, learnedClass, learnedPatches, counted } = embedded;
  const crops = (rows: Tensor) => [reshape(rows, [-1, b, s.outputs])];
  const state = scope.at("loss");
  const classTemperature = scalars.teacher_temperature!;
  const centres = {
    teacherClass: crops(taughtClass!),
    classCentre: state.state("class_centre", [s.outputs], zeros),
    patchCentre: state.state("patch_centre", [s.outputs], zeros),
  };
  const { loss, classLoss, patchLoss } = ibotLossWithParts({
    ...centres,
    ...{ studentClass: crops(learnedClass!), mask: counted! },
    ...{ studentPatches: learnedPatches!, teacherPatches: taughtPatches! },
    ...{ studentTemperature: s.studentTemperature, classTemperature },
    patchTemperature: scalars.patch_temperature!,
  });
  const momenta = { classToken: s.centreMomentum, patches: s.centreMomentum };
  const next = nextIbotCentres({ ...centres, teacherPatches: taughtMean! }, momenta);
  state.setState("class_centre", next.classCentre);
  state.setState("patch_centre", next.patchCentre);
  const entropy = teacherEntropy(centres.teacherClass, centres.classCentre, classTemperature);
  const information = teacherInformation(centres.teacherClass, centres.classCentre, classTemperature);
  const parts = { class_loss: classLoss, patch_loss: patchLoss };
  return { loss, metrics: { ...parts, teacher_entropy: entropy, teacher_information: information } };
}

function headOptions(s: IbotSettings): DinoHeadOptions {
  return {
    ...{ layers: s.headLayers, width: s.headWidth, bottleneck: s.bottleneck, out: s.outputs },
    ...{ batchNorm: false, normLastLayer: s.normLastLayer },
  };
}
