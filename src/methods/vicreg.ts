/**
 * VICReg (Bardes, Ponce, LeCun 2021, arXiv 2105.04906): two views agree (invariance), while over the batch each output
 * varies (variance) and says what no other says (covariance). Settings are those of facebookresearch/vicreg
 * `main_vicreg.py`, with the projection head scaled to small networks; views are BYOL's, as theirs are but for the blur, which
 * they leave to PIL.
 */
import { z } from "zod";
import { byolViews } from "../augment/view-sets.ts";
import { vicregWithParts } from "../losses/vicreg.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { linearScaling } from "../optim/schedule.ts";
import { split, type Tensor } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

/** Added to variances. */
const EPSILON = 1e-4;

const settings = z.strictObject({
  invarianceWeight: z.number().min(0).describe("weight of the squared difference of two views"),
  varianceWeight: z
    .number()
    .min(0)
    .describe("weight of the amount by which an output's deviation is below 1"),
  covarianceWeight: z.number().min(0).describe("weight of the squared covariances of different outputs"),
  projectionLayers: z.int().min(1).describe("linear layers of the projection head"),
  projectionWidth: z.int().positive().describe("hidden width of the projection head"),
  projectionOut: z.int().min(2).describe("D, the number of outputs"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type VicregSettings = z.infer<typeof settings>;

export const vicreg: Method<VicregSettings> = {
  name: "vicreg",
  title: "VICReg",
  paper: {
    title: "VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning",
    authors: "Bardes, Ponce, LeCun",
    year: 2021,
    arxiv: "2105.04906",
  },
  idea: "two views have equal embeddings; over the batch each output varies and is uncorrelated with the others",
  settings,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  defaults: settingsByLength(
    ({ imageSize, features }) => ({
      invarianceWeight: 25,
      varianceWeight: 25,
      covarianceWeight: 1,
      projectionLayers: 3,
      projectionWidth: Math.min(8192, 4 * features),
      projectionOut: Math.min(8192, 4 * features),
      cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
    }),
    () => ({ cropScale: [0.5, 1], projectionLayers: 2 }),
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
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  collapsedLoss: ({ varianceWeight }) => varianceWeight * (1 - Math.sqrt(EPSILON)),
  advice: {
    "collapsed-features": "Raise varianceWeight, lower the learning rate or lengthen its warm-up",
    "loss-at-collapse": "Raise varianceWeight over invarianceWeight, and raise the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; use larger batches, which make variances less noisy",
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
    const { loss, ...parts } = vicregWithParts(first, second, { ...s, epsilon: EPSILON });
    return { loss, metrics: parts };
  },
};
