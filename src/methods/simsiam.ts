/**
 * SimSiam (Chen and He 2020, arXiv 2011.10566): the prediction from one view of a picture is drawn to the projection of the
 * other, which stands still for it. No negatives, no moving average: two switches take away what is left, and it
 * collapses. Settings are those of facebookresearch/simsiam, scaled to small networks and data sets.
 */
import { z } from "zod";
import { mocoV2Views } from "../augment/view-sets.ts";
import { participationRatio } from "../losses/metrics/participation-ratio.ts";
import { relativeDeviation } from "../losses/metrics/relative-deviation.ts";
import { simsiamLoss } from "../losses/negative-cosine.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { linearScaling } from "../optim/schedule.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  projectionLayers: z.int().min(1).describe("linear layers of the projection head, all with batch norm"),
  projectionOut: z.int().positive().describe("width of the projection head, and size of projections"),
  bottleneck: z.int().positive().describe("hidden width of the predictor"),
  stopGradient: z.boolean().describe("whether targets get no gradient; otherwise the method collapses"),
  predictor: z.boolean().describe("whether there is a predictor; without it the method collapses"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type SimsiamSettings = z.infer<typeof settings>;

/** Pictures from which on their number, less one, does not limit the rank to what is next to collapse. */
const ENOUGH_FOR_RANK = 16;

export const simsiam: Method<SimsiamSettings> = {
  name: "simsiam",
  title: "SimSiam",
  paper: {
    title: "Exploring Simple Siamese Representation Learning",
    authors: "Chen, He",
    year: 2020,
    arxiv: "2011.10566",
  },
  idea: "two views pass through one network, and each predicts the other, which gets no gradient",
  settings,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  defaults: settingsByLength(
    ({ features }) => ({
      projectionLayers: 3,
      projectionOut: Math.min(2048, 4 * features),
      bottleneck: Math.min(2048, 4 * features) / 4,
      stopGradient: true,
      predictor: true,
      cropScale: [0.2, 1],
    }),
    () => ({ cropScale: [0.5, 1] }),
  ),
  training: trainingByLength((_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.05, batchSize),
    finalLearningRate: 0,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    decayAll: true,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: mocoV2Views({ size: imageSize, scale: cropScale }) },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  // The predictor is to keep up with what it predicts: `--fix-pred-lr`, and section 4.2 of the paper.
  rates: [{ applies: ({ path }) => path.startsWith("predictor."), by: "peak" }],
  couplesBatch: false,
  collapsedLoss: () => -1,
  // Below .45, the targets of two pictures have a cosine of .8 and more. Batch norm at the end of the projection hides such a
  // collapse: without stop-gradient targets keep .83, but along one direction (1.4 where a healthy run has 3.2).
  spread: (pictures) => [
    { metric: "target_deviation", least: 0.45 },
    ...(pictures < ENOUGH_FOR_RANK ? [] : [{ metric: "target_rank", least: 2 }]),
  ],
  advice: {
    "collapsed-features": "Check that stopGradient and predictor are true; lower the learning rate",
    "loss-at-collapse": "Check that stopGradient and predictor are true; lower the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; crop and jitter less",
  },
  embed({ settings: s, scope, backbone, views }) {
    // One view after the other, so that batch norm sees each by itself.
    const projected = inSubBatches(views.pair!, 2, (view) =>
      projectionHead(scope.at("head"), backbone.build(scope.at("backbone"), view).features, {
        layers: s.projectionLayers,
        width: s.projectionOut,
        out: s.projectionOut,
        lastAffine: false,
      }),
    ); // [2B, D]
    const predicted = s.predictor
      ? inSubBatches(projected, 2, (view) =>
          projectionHead(scope.at("predictor"), view, {
            layers: 2,
            width: s.bottleneck,
            out: s.projectionOut,
            lastNorm: false,
          }),
        )
      : projected;
    return { predicted, target: s.stopGradient ? stopGradient(projected) : projected };
  },
  loss({ predicted, target }, { batchSize: b }) {
    const [p1, p2] = split(predicted!, 0, [b, b]) as [Tensor, Tensor];
    const [z1, z2] = split(target!, 0, [b, b]) as [Tensor, Tensor];
    return {
      loss: simsiamLoss([p1, p2], [z1, z2]),
      metrics: { target_deviation: relativeDeviation(z1), target_rank: participationRatio(z1) },
    };
  },
};
