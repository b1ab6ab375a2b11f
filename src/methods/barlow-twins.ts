/**
 * Barlow Twins (Zbontar et al. 2021, arXiv 2103.03230): over a batch, each output is to agree between two views and to be
 * uncorrelated with every other output. Settings are those of facebookresearch/barlowtwins `main.py`, with the projection
 * head scaled to small networks; views are BYOL's, as theirs are but for the blur, which they leave to PIL.
 */
import { z } from "zod";
import { byolViews } from "../augment/view-sets.ts";
import { barlowTwinsWithParts } from "../losses/barlow-twins.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { constantSchedule, linearScaling } from "../optim/schedule.ts";
import { split, type Tensor } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  redundancyWeight: z.number().min(0).describe("λ, the weight of correlations between different outputs"),
  projectionLayers: z.int().min(1).describe("linear layers of the projection head"),
  projectionWidth: z.int().positive().describe("hidden width of the projection head"),
  projectionOut: z.int().min(2).describe("D, the number of outputs"),
  biasRate: z.number().min(0).describe("learning rate of biases and norms, as a share of the weights' rate"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type BarlowTwinsSettings = z.infer<typeof settings>;

export const barlowTwins: Method<BarlowTwinsSettings> = {
  name: "barlow-twins",
  title: "Barlow Twins",
  paper: {
    title: "Barlow Twins: Self-Supervised Learning via Redundancy Reduction",
    authors: "Zbontar, Jing, Misra, LeCun, Deny",
    year: 2021,
    arxiv: "2103.03230",
  },
  idea: "each output is the same for two views of a picture and uncorrelated with the other outputs",
  settings,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  defaults: settingsByLength(
    ({ imageSize, features }) => ({
      redundancyWeight: 0.0051,
      projectionLayers: 3,
      projectionWidth: Math.min(8192, 4 * features),
      projectionOut: Math.min(8192, 4 * features),
      biasRate: 0.0048 / 0.2,
      cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
    }),
    // AdamW's steps are alike in size by themselves: a smaller rate for some of them is LARS' need alone.
    () => ({ cropScale: [0.5, 1], projectionLayers: 2, biasRate: 1 }),
  ),
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    rateInMomentum: false,
    learningRate: linearScaling(0.2, batchSize),
    finalLearningRate: linearScaling(0.2, batchSize) / 1000,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-6,
    finalWeightDecay: 1e-6,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: byolViews({ size: imageSize, scale: cropScale }) },
  ],
  scalars: ({ biasRate }) => ({ bias_rate: constantSchedule(biasRate) }),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  rates: [{ applies: ({ decays }) => !decays, by: { scalar: "bias_rate" } }],
  couplesBatch: true,
  collapsedLoss: ({ projectionOut }) => projectionOut,
  advice: {
    "collapsed-features": "Raise redundancyWeight, lower the learning rate or lengthen its warm-up",
    "loss-at-collapse": "Raise the learning rate; crop and jitter less, so that views have more in common",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; use larger batches, which make correlations less noisy",
  },
  embed({ settings: s, scope, backbone, views }) {
    // One view after the other, so that batch norm sees each by itself.
    const pair = inSubBatches(views.pair!, 2, (view) =>
      projectionHead(scope.at("head"), backbone.build(scope.at("backbone"), view).features, {
        layers: s.projectionLayers,
        width: s.projectionWidth,
        out: s.projectionOut,
        lastNorm: false,
        lastBias: false,
      }),
    );
    return { pair };
  },
  loss({ pair }, { settings: s, batchSize: b }) {
    const [first, second] = split(pair!, 0, [b, b]) as [Tensor, Tensor];
    const { redundancyWeight } = s;
    const { loss, onDiagonal, offDiagonal } = barlowTwinsWithParts(first, second, { redundancyWeight });
    return { loss, metrics: { on_diagonal: onDiagonal, off_diagonal: offDiagonal } };
  },
};
