/**
 * DINOv2's recipe (Oquab et al. 2023, arXiv 2304.07193): iBOT, but Sinkhorn–Knopp balances the teacher's
 * outputs in place of centres, KoLeo keeps class tokens apart, and the first blocks learn more slowly. The
 * blur is the one that the authors intended: see `dinoViews`.
 */
import { dinoViews } from "../augment/view-sets.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { dinov2ClassLoss, dinov2PatchLoss } from "../losses/dinov2.ts";
import { koleo } from "../losses/koleo.ts";
import { maskWeights } from "../losses/masked-cross-entropy.ts";
import { type DinoHeadOptions, dinoHead } from "../nn/dino-head.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { Scope } from "../nn/scope.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext, Embeddings, LossContext, LossResult, Rate } from "../objectives/objective.ts";
import type { Plan } from "../objectives/situation.ts";
import { add, concat, mul, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { hiddenPatches, hiddenPatchesDraw, maskToken } from "./parts/hidden-patches.ts";
import { byCrop, cropFeatures, cropGroups } from "./parts/multi-crop.ts";
import { openAfter, risingMomentum, risingTemperature } from "./parts/schedules.ts";
import { type Dinov2Settings, dinov2Recipe, dinov2Settings } from "./recipes/dinov2.ts";

export const dinov2: CatalogueMethod<Dinov2Settings> = {
  name: "dinov2",
  title: "DINOv2",
  paper: {
    title: "DINOv2: Learning Robust Visual Features without Supervision",
    authors: "Oquab, Darcet, Moutakanni, Vo, Szafraniec, Khalidov et al.",
    year: 2023,
    arxiv: "2304.07193",
  },
  idea: "DINO for class tokens and iBOT for patches; Sinkhorn–Knopp balances outputs, KoLeo spreads class tokens",
  settings: dinov2Settings,
  ...dinov2Recipe,
  backbone: "vit_tiny",
  family: "vit",
  encoder: "teacher",
  // KoLeo's value for equal class tokens depends on their width.
  collapsedLoss: ({ outputs, maskProbability, koleoWeight }) =>
    koleoWeight === 0 ? (1 + maskProbability) * Math.log(outputs) : null,
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; raise koleoWeight, which pushes class tokens apart; lower teacherTemperature",
    "loss-at-collapse":
      "Lower teacherTemperature (0.04 or less) and outputs (256 or less in short runs), and then the learning rate",
    "loss-not-falling":
      "Lower outputs, of which a small data set needs few, and the learning rate; raise teacherMomentum",
  },
  objective: (settings, situation) => ({
    views: cropGroups(dinoViews({ ...settings, globalSize: situation.imageSize })),
    draws: [hiddenPatchesDraw(settings, situation, (side) => Math.min(4, Math.floor(side / 3) ** 2))],
    teacher: { momentum: risingMomentum(settings.teacherMomentum) },
    scalars: (plan) => scalarsOf(settings, plan),
    gates: headsOf(settings).map((head) => ({ prefix: `${head}.last_layer`, gate: "last_layer_gate" })),
    rates: [layerwiseRate(settings)],
    embed: (context) => embed(context, settings),
    loss: (embeddings, context) => lossOf(embeddings, context, settings),
  }),
};

function scalarsOf(s: Dinov2Settings, plan: Plan) {
  const [from, to, share] = [s.teacherTemperatureStart, s.teacherTemperature, s.teacherTemperatureWarmup];
  return {
    teacher_temperature: risingTemperature({ from, to, share }, plan),
    last_layer_gate: openAfter(s.freezeLastLayerEpochs, plan),
  };
}

function embed({ scope, teacher, backbone, views, draws }: EmbedContext, s: Dinov2Settings): Embeddings {
  const seen = backbone.build(teacher!.at("backbone"), views.global!);
  const { where, places, counted } = hiddenPatches(draws.hidden!, seen.patches!.shape[1]!);
  const masked = { where, token: maskToken(scope, backbone.features) };
  const learned = backbone.build(scope.at("backbone"), views.global!, { masked });
  const local = views.local === undefined ? [] : [cropFeatures(scope, backbone, views, ["local"])];
  const classes = concat([learned.features, ...local]);
  const taught = outputsOf(teacher!, seen.features, pickTokens(seen.patches!, places), s);
  const student = outputsOf(scope, classes, pickTokens(learned.patches!, places), s);
  return {
    ...{ classTokens: learned.features, counted }, // [2B, D] and [2B, n]
    // [V·B, K], globals first, and [2B, n, K]
    ...{ learnedClass: student.classes, learnedPatches: student.patches },
    ...{ taughtClass: stopGradient(taught.classes), taughtPatches: stopGradient(taught.patches) },
  };
}

function lossOf(embedded: Embeddings, { batchSize: b, scalars }: LossContext, s: Dinov2Settings): LossResult {
  const crops = (rows: Tensor) => [reshape(rows, [-1, b, s.outputs])];
  const temperatures = {
    studentTemperature: s.studentTemperature,
    teacherTemperature: scalars.teacher_temperature!,
    iterations: s.sinkhornIterations,
  };
  const classLoss = dinov2ClassLoss({
    ...{ student: crops(embedded.learnedClass!), teacher: crops(embedded.taughtClass!) },
    ...temperatures,
  });
  const patchLoss = dinov2PatchLoss({
    ...{ student: embedded.learnedPatches!, teacher: embedded.taughtPatches! },
    ...{ weights: maskWeights(embedded.counted!), ...temperatures },
  });
  // KoLeo sees one crop at a time. Otherwise a picture could be its own neighbour.
  const apart = byCrop(embedded.classTokens!, b).map((crop) => koleo(crop));
  const spread = apart.reduce((total, term) => add(total, term));
  return {
    loss: add(add(classLoss, patchLoss), mul(spread, s.koleoWeight)),
    metrics: { class_loss: classLoss, patch_loss: patchLoss, koleo: spread },
  };
}

/** Paths of the heads. */
function headsOf({ separateHead }: Dinov2Settings): string[] {
  return separateHead ? ["head", "patch_head"] : ["head"];
}

/** Outputs for class tokens `[…, K]` and patches `[2B, n, K]`, of one head or of two. */
function outputsOf(root: Scope, classes: Tensor, patches: Tensor, s: Dinov2Settings) {
  const options: DinoHeadOptions = {
    ...{ layers: s.headLayers, width: s.headWidth, bottleneck: s.bottleneck, out: s.outputs },
    ...{ batchNorm: false, normLastLayer: false },
  };
  const rows = reshape(patches, [-1, patches.shape.at(-1)!]);
  const shaped = (outputs: Tensor) => reshape(outputs, [...patches.shape.slice(0, 2), s.outputs]);
  if (s.separateHead) {
    const own = dinoHead(root.at("patch_head"), rows, options);
    return { classes: dinoHead(root.at("head"), classes, options), patches: shaped(own) };
  }
  const both = dinoHead(root.at("head"), concat([classes, rows]), options);
  const [ofClasses, ofPatches] = split(both, 0, [classes.shape[0]!, rows.shape[0]!]) as [Tensor, Tensor];
  return { classes: ofClasses, patches: shaped(ofPatches) };
}

/**
 * Each block has a share of the next block's rate. Tokens and positions have the smallest rate; the patch
 * projection has `patchRate` times that rate (`get_vit_lr_decay_rate` in `utils/param_groups.py`).
 */
function layerwiseRate(settings: Dinov2Settings): Rate {
  return {
    applies: ({ path }) => path.startsWith("backbone.") || path === "mask_token",
    by: { factor: (path, backbone) => rateFactor(path, backbone, settings) },
  };
}

function rateFactor(path: string, backbone: Backbone, { layerDecay, patchRate }: Dinov2Settings): number {
  const { layers = [] } = backbone;
  const layer = 1 + layers.findIndex((prefix) => path.startsWith(`backbone.${prefix}.`)); // 0: no block
  const share = path.startsWith("backbone.patch_embed.") ? patchRate : 1;
  return share * layerDecay ** (layers.length - layer);
}
