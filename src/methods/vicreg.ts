/**
 * VICReg (Bardes, Ponce, LeCun 2021, arXiv 2105.04906): two views agree (invariance), each output varies over
 * the batch (variance), and different outputs are uncorrelated (covariance). Views are BYOL's. The authors'
 * views differ from these only in the blur, which they leave to PIL.
 */
import { byolViews } from "../augment/view-sets.ts";
import { vicregWithParts } from "../losses/vicreg.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import { split } from "../tensor/index.ts";
import { type VicregSettings, vicregRecipe, vicregSettings } from "./recipes/vicreg.ts";

/** Added to variances. */
const EPSILON = 1e-4;

export const vicreg: CatalogueMethod<VicregSettings> = {
  name: "vicreg",
  title: "VICReg",
  paper: {
    title: "VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning",
    authors: "Bardes, Ponce, LeCun",
    year: 2021,
    arxiv: "2105.04906",
  },
  idea: "two views have equal embeddings; over the batch each output varies and is uncorrelated with the others",
  settings: vicregSettings,
  ...vicregRecipe,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  collapsedLoss: ({ varianceWeight }) => varianceWeight * (1 - Math.sqrt(EPSILON)),
  advice: {
    "collapsed-features": "Raise varianceWeight, lower the learning rate or lengthen its warm-up",
    "loss-at-collapse": "Raise varianceWeight over invarianceWeight, and raise the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; use larger batches, which make variances less noisy",
  },
  objective: (settings, { imageSize }) => ({
    views: [{ name: "pair", views: byolViews({ size: imageSize, scale: settings.cropScale }) }],
    embed({ scope, backbone, views }) {
      // Batch norm sees one view at a time.
      const pair = inSubBatches(views.pair!, 2, (view) =>
        projectionHead(scope.at("head"), backbone.build(scope.at("backbone"), view).features, {
          layers: settings.projectionLayers,
          width: settings.projectionWidth,
          out: settings.projectionOut,
          lastNorm: false,
          lastBias: false,
        }),
      );
      return { pair }; // [2B, D]
    },
    loss({ pair }, { batchSize: b }) {
      const [first, second] = split(pair!, 0, [b, b]);
      const { loss, ...metrics } = vicregWithParts(first!, second!, { ...settings, epsilon: EPSILON });
      return { loss, metrics };
    },
  }),
};
