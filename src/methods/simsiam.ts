/**
 * SimSiam (Chen and He 2020, arXiv 2011.10566): the prediction from one view of a picture approaches the
 * projection of the other, which gets no gradient. There are no negatives and no moving average. Two settings
 * remove the predictor and the stop-gradient; without either one the method collapses.
 */
import { mocoV2Views } from "../augment/view-sets.ts";
import { participationRatio } from "../losses/metrics/participation-ratio.ts";
import { relativeDeviation } from "../losses/metrics/relative-deviation.ts";
import { simsiamLoss } from "../losses/negative-cosine.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Rate } from "../objectives/objective.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { type SimsiamSettings, simsiamRecipe, simsiamSettings } from "./recipes/simsiam.ts";

/**
 * The least batch in which the targets' rank can show a collapse. The rank is at most the number of pictures
 * less one.
 */
const ENOUGH_FOR_RANK = 16;

/** The predictor must keep up with its targets: `--fix-pred-lr`, and section 4.2 of the paper. */
const PREDICTOR_RATE: Rate = { applies: ({ path }) => path.startsWith("predictor."), by: "peak" };

export const simsiam: CatalogueMethod<SimsiamSettings> = {
  name: "simsiam",
  title: "SimSiam",
  paper: {
    title: "Exploring Simple Siamese Representation Learning",
    authors: "Chen, He",
    year: 2020,
    arxiv: "2011.10566",
  },
  idea: "two views pass through one network, and each predicts the other, which gets no gradient",
  settings: simsiamSettings,
  ...simsiamRecipe,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  collapsedLoss: () => -1,
  // Below .45, the cosine of two pictures' targets is .8 or more on average. Batch norm at the end of the
  // projection hides such a collapse: without stop-gradient the targets' deviation stays at .83, but they
  // vary along one direction (a rank of 1.4; a healthy run has 3.2).
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
  objective: (s, { imageSize }) => ({
    views: [{ name: "pair", views: mocoV2Views({ size: imageSize, scale: s.cropScale }) }],
    rates: s.predictor ? [PREDICTOR_RATE] : [],
    couplesBatch: false,
    embed({ scope, backbone, views }) {
      const { projectionLayers: layers, projectionOut: out, bottleneck: width } = s;
      const head = { layers, width: out, out, lastAffine: false };
      // Batch norm sees one view at a time.
      const projected = inSubBatches(views.pair!, 2, (view) =>
        projectionHead(scope.at("head"), backbone.build(scope.at("backbone"), view).features, head),
      ); // [2B, D]
      const predict = (view: Tensor) =>
        projectionHead(scope.at("predictor"), view, { layers: 2, width, out, lastNorm: false });
      const predicted = s.predictor ? inSubBatches(projected, 2, predict) : projected;
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
  }),
};
