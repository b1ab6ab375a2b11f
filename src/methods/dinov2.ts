/**
 * DINOv2's recipe (Oquab et al. 2023, arXiv 2304.07193): iBOT with the teacher's outputs balanced by Sinkhorn–Knopp in place
 * of centres, class tokens kept apart by KoLeo, and slower learning in the first blocks. Settings are those of
 * facebookresearch/dinov2 `configs/ssl_default_config.yaml`, with the number of outputs, the head's width, the teacher's
 * temperature and its momentum scaled to the size of the data set.
 *
 * That file has centres as DINO's (`centering: "centering"`). Sinkhorn–Knopp is that of `configs/train/vitl14.yaml` and
 * `vitg14.yaml`, of which nothing else is here: a rate of 2e-4 for 1,024 pictures, 80 epochs of warm-up, a last decay of 0.2
 * and the same rate for all blocks. Here the teacher's temperature rises by epochs, in `train/train.py` by iterations; drop-path
 * rises from block to block to 0.1, where theirs is 0.3 in all. Blur is as the authors meant it: see `dinoViews`.
 */
import { z } from "zod";
import { dinoViews } from "../augment/view-sets.ts";
import type { Backbone } from "../backbones/backbone.ts";
import type { VitSettings } from "../backbones/vit.ts";
import { dinov2ClassLoss, dinov2PatchLoss } from "../losses/dinov2.ts";
import { koleo } from "../losses/koleo.ts";
import { maskWeights } from "../losses/masked-cross-entropy.ts";
import { type DinoHeadOptions, dinoHead } from "../nn/dino-head.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { Scope } from "../nn/scope.ts";
import { cosineSchedule, squareRootScaling } from "../optim/schedule.ts";
import { add, concat, mul, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { hiddenPatches, hiddenPatchesDraw, maskToken } from "./hidden-patches.ts";
import { bySize } from "./largeness.ts";
import type { Method } from "./method.ts";
import {
  cropFeatures,
  cropGroups,
  GLOBAL_CROPS,
  globalScaleFor,
  localCropsFor,
  localSizeFor,
} from "./multi-crop.ts";
import { outputsFor, risingTemperature, shortDistillation } from "./self-distillation.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const range = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
const settings = z.strictObject({
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
  maskRatio: range.describe("share of hidden patches in those crops"),
  localCrops: z.int().min(0).describe("local crops per picture, only for the student's class token"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: range.describe("area of a global crop, as a share of the picture"),
  localScale: range.describe("area of a local crop, as a share of the picture"),
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
export type Dinov2Settings = z.infer<typeof settings>;

export const dinov2: Method<Dinov2Settings> = {
  name: "dinov2",
  title: "DINOv2",
  paper: {
    title: "DINOv2: Learning Robust Visual Features without Supervision",
    authors: "Oquab, Darcet, Moutakanni, Vo, Szafraniec, Khalidov et al.",
    year: 2023,
    arxiv: "2304.07193",
  },
  idea: "DINO for class tokens and iBOT for patches; Sinkhorn–Knopp balances outputs, KoLeo spreads class tokens",
  settings,
  backbone: "vit_tiny",
  family: "vit",
  defaults: settingsByLength(
    (situation) => ({
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
    (situation) => shortDistillation(situation, 0.9),
  ),
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "adamw",
    learningRate: squareRootScaling(4e-3, batchSize, 1024),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: true,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    clip: 3,
  })),
  views: (s, { imageSize }) => cropGroups(dinoViews({ ...s, globalSize: imageSize })),
  draws: (s, situation) => [
    hiddenPatchesDraw(s, situation, (side) => Math.min(4, Math.floor(side / 3) ** 2)),
  ],
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
  gates: ["head", "patch_head"].map((head) => ({ prefix: `${head}.last_layer`, gate: "last_layer_gate" })),
  rates: [
    {
      applies: ({ path }) => path.startsWith("backbone.") || path === "mask_token",
      by: { factor: layerwiseRate },
    },
  ],
  couplesBatch: true,
  // KoLeo of equal class tokens depends on how wide they are.
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
  embed({ settings: s, scope, teacher, backbone, views, draws }) {
    const seen = backbone.build(teacher!.at("backbone"), views.global!);
    const { where, places, counted } = hiddenPatches(draws.hidden!, seen.patches!.shape[1]!);
    const masked = { where, token: maskToken(scope, backbone.features) };
    const learned = backbone.build(scope.at("backbone"), views.global!, { masked });
    const local = views.local === undefined ? [] : [cropFeatures(scope, backbone, views, ["local"])];
    const taught = heads(teacher!, seen.features, pickTokens(seen.patches!, places), s);
    const student = heads(
      scope,
      concat([learned.features, ...local]),
      pickTokens(learned.patches!, places),
      s,
    );
    return {
      ...{ classTokens: learned.features, counted }, // [2B, D] and [2B, n]
      ...{ learnedClass: student.classes, learnedPatches: student.patches }, // [V·B, K], globals first, and [2B, n, K]
      ...{ taughtClass: stopGradient(taught.classes), taughtPatches: stopGradient(taught.patches) },
    };
  },
  loss(embedded, { settings: s, batchSize: b, scalars }) {
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
    // One crop at a time, so that no picture is its own neighbour.
    const apart = split(embedded.classTokens!, 0, new Array<number>(GLOBAL_CROPS).fill(b)).map((x) =>
      koleo(x),
    );
    const spread = apart.reduce((total, term) => add(total, term));
    return {
      loss: add(add(classLoss, patchLoss), mul(spread, s.koleoWeight)),
      metrics: { class_loss: classLoss, patch_loss: patchLoss, koleo: spread },
    };
  },
};

/** Outputs for class tokens `[…, K]` and patches `[2B, n, K]`, of one head or of two. */
function heads(root: Scope, classes: Tensor, patches: Tensor, s: Dinov2Settings) {
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
 * Each block learns by a share of the rate of the next one, tokens, positions and patch projection by the least
 * (`get_vit_lr_decay_rate` in `utils/param_groups.py`).
 */
function layerwiseRate(
  path: string,
  { settings: s, backbone }: { settings: Dinov2Settings; backbone: Backbone },
): number {
  const { depth } = backbone.settings as unknown as VitSettings;
  const block = /^backbone\.blocks\.(\d+)\./.exec(path);
  const layer = block !== null ? 1 + Number(block[1]) : path.startsWith("backbone.norm.") ? depth + 1 : 0;
  const share = path.startsWith("backbone.patch_embed.") ? s.patchRate : 1;
  return share * s.layerDecay ** (depth + 1 - layer);
}
