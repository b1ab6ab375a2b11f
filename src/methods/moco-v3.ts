/**
 * MoCo v3 (Chen, Xie, He 2021, arXiv 2104.02057): no queue; predictions of each view are told from the other views of
 * the batch, made by a moving average. On a vision transformer the patch projection stands still, for stability. Settings are
 * those of facebookresearch/moco-v3 `main_moco.py` and `CONFIG.md`, widths and rates scaled to small data sets.
 */
import { z } from "zod";
import { mocoV3Views } from "../augment/view-sets.ts";
import { mocoV3LossWithAccuracy } from "../losses/moco-v3.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { cosineSchedule, linearScaling } from "../optim/schedule.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method } from "./method.ts";
import { settingsByLength, shortMomentum, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  keyMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the key encoder at the start; rises to 1 by a cosine"),
  projectionLayers: z.int().min(1).describe("linear layers of the head"),
  headWidth: z.int().positive().describe("hidden width of head and predictor"),
  projectionOut: z.int().positive().describe("size of queries and keys"),
  predictorNorm: z.boolean().describe("whether batch norm follows the predictor's last layer"),
  freezePatchProjection: z
    .boolean()
    .describe("ViT: whether the patch projection stays at its random initial values"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type MocoV3Settings = z.infer<typeof settings>;

export const mocoV3: Method<MocoV3Settings> = {
  name: "moco-v3",
  title: "MoCo v3",
  paper: {
    title: "An Empirical Study of Training Self-Supervised Vision Transformers",
    authors: "Chen, Xie, He",
    year: 2021,
    arxiv: "2104.02057",
  },
  idea: "MoCo without a queue, symmetric and with a predictor; a ViT's patch projection is frozen for stability",
  settings,
  backbone: "vit_tiny",
  backboneOptions: { positions: "sincos", dropPath: 0, init: "moco", zeroInit: true },
  defaults: settingsByLength(
    ({ pictures, family }) => ({
      temperature: family === "vit" ? 0.2 : 1,
      keyMomentum: 0.99,
      projectionLayers: family === "vit" ? 3 : 2,
      headWidth: bySize(pictures, 0, 1) < 0.5 ? 1024 : 4096,
      projectionOut: 256,
      predictorNorm: family === "vit",
      freezePatchProjection: family === "vit",
      cropScale: [family === "vit" ? 0.08 : 0.2, 1],
    }),
    (situation) => ({ cropScale: [0.5, 1], keyMomentum: shortMomentum(situation, 0.9) }),
  ),
  training: trainingByLength((_settings, { batchSize, epochs, family, pictures }) => ({
    ...(family === "vit"
      ? { optimizer: "adamw", weightDecay: 0.1, finalWeightDecay: 0.1 }
      : { optimizer: "lars", rateInMomentum: false, weightDecay: 1e-6, finalWeightDecay: 1e-6 }),
    learningRate: linearScaling(
      family === "vit" ? bySize(pictures, 1e-3, 1.5e-4) : resnetRate(epochs),
      batchSize,
    ),
    finalLearningRate: 0,
    warmupEpochs: family === "vit" ? Math.min(40, epochs * 0.13) : Math.min(10, epochs * 0.1),
    decayAll: family === "vit",
    inclusiveWarmup: false,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: mocoV3Views({ size: imageSize, scale: cropScale }) },
  ],
  scalars: (s, plan) => {
    const momentum = cosineSchedule({ from: s.keyMomentum, to: 1, steps: plan.steps });
    return {
      // In the authors' code the average moves where a step begins, and has that step's momentum.
      teacher_momentum: (step) => momentum(step + 1),
      patch_gate: () => (s.freezePatchProjection ? 0 : 1),
    };
  },
  encoder: "student",
  hasTeacher: true,
  gates: [{ prefix: "backbone.patch_embed", gate: "patch_gate" }],
  couplesBatch: true,
  collapsedLoss: (s, batchSize) => 4 * s.temperature * Math.log(batchSize),
  advice: {
    "collapsed-features": "Lower the learning rate or lengthen its warm-up; keep the patch projection frozen",
    "loss-at-collapse": "Lower the temperature, and then the learning rate",
    "loss-not-falling":
      "Lower keyMomentum (0.99) in short runs; check that the learning rate is not close to 0",
  },
  embed(context) {
    const { scope, teacher, settings: s } = context;
    const query = inSubBatches(project(scope, context), 2, (view) =>
      projectionHead(scope.at("predictor"), view, {
        ...{ layers: 2, width: s.headWidth, out: s.projectionOut, lastBias: false },
        ...{ lastNorm: s.predictorNorm, lastAffine: false },
      }),
    );
    return { query, key: stopGradient(project(teacher!, context)) }; // [2B, D] each
  },
  loss({ query, key }, { settings: { temperature }, batchSize: b }) {
    const views = (rows: Tensor) => split(rows, 0, [b, b]) as [Tensor, Tensor];
    const { loss, accuracy } = mocoV3LossWithAccuracy({
      queries: views(query!),
      keys: views(key!),
      temperature,
    });
    return { loss, metrics: { accuracy } };
  },
};

/** `CONFIG.md`: .6 for a batch of 256 in 100 epochs, .3 in 300 and more. */
function resnetRate(epochs: number): number {
  return epochs < 300 ? 0.6 : 0.3;
}

/** Encoder and projection head on one view after the other, so that batch norm sees each by itself: `[2B, D]`. */
function project(root: Scope, { backbone, views, settings: s }: EmbedContext<MocoV3Settings>): Tensor {
  return inSubBatches(views.pair!, 2, (view) => {
    const { features } = backbone.build(root.at("backbone"), view);
    return projectionHead(root.at("head"), features, {
      ...{ layers: s.projectionLayers, width: s.headWidth, out: s.projectionOut, lastBias: false },
      lastAffine: false,
    });
  });
}
