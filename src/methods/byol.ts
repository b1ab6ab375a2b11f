/**
 * BYOL (Grill et al. 2020, arXiv 2006.07733): a network predicts, from one view of a picture, what its own moving average
 * makes of another. Nothing repels; the predictor and the slow target keep it from collapse. Settings are those of
 * deepmind-research `byol/configs/byol.py`, scaled to small networks and data sets.
 *
 * Without batch norm in the backbone there is none in the heads: group norm and standardised weights instead (Richemond et
 * al. 2020, arXiv 2010.10241).
 */
import { z } from "zod";
import { byolViews } from "../augment/view-sets.ts";
import { relativeDeviation } from "../losses/metrics/relative-deviation.ts";
import { byolLoss } from "../losses/negative-cosine.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { cosineSchedule, linearScaling } from "../optim/schedule.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method } from "./method.ts";
import { settingsByLength, shortMomentum, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  targetMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the target at the start; rises to 1 by a cosine"),
  headWidth: z.int().positive().describe("hidden width of the projection head and of the predictor"),
  projectionOut: z.int().positive().describe("size of projections and predictions"),
  headNorm: z
    .enum(["batch", "group", "none"])
    .describe("norm in the heads; group standardises the weights too, so that no picture depends on another"),
  predictor: z.boolean().describe("whether there is a predictor; without it the method collapses"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type ByolSettings = z.infer<typeof settings>;

export const byol: Method<ByolSettings> = {
  name: "byol",
  title: "BYOL",
  paper: {
    title: "Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning",
    authors: "Grill, Strub, Altché, Tallec, Richemond, Buchatskaya, Doersch, et al.",
    year: 2020,
    arxiv: "2006.07733",
  },
  idea: "a network predicts, from one view, its moving average's output for another view; no negatives",
  settings,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  defaults: settingsByLength(
    ({ pictures, imageSize, family, batchNorm, features }) => ({
      targetMomentum: bySize(pictures, 0.99, 0.996),
      headWidth: Math.min(4096, 8 * features),
      projectionOut: 256,
      // A transformer has no batch norm by nature; a convolutional network is without it when that is asked for.
      headNorm: batchNorm || family === "vit" ? "batch" : "group",
      predictor: true,
      cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
    }),
    (situation) => ({ cropScale: [0.5, 1], targetMomentum: shortMomentum(situation, 0.9) }),
  ),
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    rateInMomentum: false,
    learningRate: linearScaling(0.2, batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1.5e-6,
    finalWeightDecay: 1.5e-6,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: byolViews({ size: imageSize, scale: cropScale }) },
  ],
  scalars: (s, { steps }) => ({
    teacher_momentum: cosineSchedule({ from: s.targetMomentum, to: 1, steps }),
  }),
  encoder: "student",
  hasTeacher: true,
  gates: [],
  couplesBatch: false,
  collapsedLoss: () => 0,
  // Below it, the targets of two pictures have a cosine of .8 and more.
  spread: () => [{ metric: "target_deviation", least: 0.45 }],
  advice: {
    "collapsed-features":
      "Check that predictor is true; raise targetMomentum (0.99 to 0.996), lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Check that predictor is true; raise targetMomentum (0.99 to 0.996), and then lower the learning rate",
    "loss-not-falling":
      "Lower targetMomentum (0.9 to 0.99) in short runs, and check that the learning rate is not close to 0",
  },
  embed(context) {
    const { settings: s, scope, teacher } = context;
    const projected = project(scope, context); // [2B, D]
    const predicted = s.predictor
      ? inSubBatches(projected, 2, (view) => head(scope.at("predictor"), view, s))
      : projected;
    return { predicted, target: stopGradient(project(teacher!, context)) };
  },
  loss({ predicted, target }, { batchSize: b }) {
    const [p1, p2] = split(predicted!, 0, [b, b]) as [Tensor, Tensor];
    const [z1, z2] = split(target!, 0, [b, b]) as [Tensor, Tensor];
    return {
      loss: byolLoss([p1, p2], [z1, z2]),
      metrics: { target_deviation: relativeDeviation(z1) },
    };
  },
};

/** Encoder and projection head on one view after the other, so that batch norm sees each by itself: `[2B, D]`. */
function project(root: Scope, { settings: s, backbone, views }: EmbedContext<ByolSettings>): Tensor {
  return inSubBatches(views.pair!, 2, (view) =>
    head(root.at("head"), backbone.build(root.at("backbone"), view).features, s),
  );
}

/** Linear, norm, ReLU, linear: the projection head as well as the predictor. */
function head(scope: Scope, x: Tensor, { headWidth, projectionOut, headNorm }: ByolSettings): Tensor {
  return projectionHead(scope, x, {
    layers: 2,
    width: headWidth,
    out: projectionOut,
    norm: { batch: true, group: "group" as const, none: false }[headNorm],
    lastNorm: false,
    lastBias: false,
  });
}
