/**
 * Barlow Twins (Zbontar et al. 2021, arXiv 2103.03230): over a batch, each output must agree between two
 * views and be uncorrelated with every other output. Views are BYOL's. The authors' views differ from these
 * only in the blur, which they leave to PIL.
 */
import { byolViews } from "../augment/view-sets.ts";
import { barlowTwinsWithParts } from "../losses/barlow-twins.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import { constantSchedule } from "../optim/schedule.ts";
import { split } from "../tensor/index.ts";
import { type BarlowTwinsSettings, barlowTwinsRecipe, barlowTwinsSettings } from "./recipes/barlow-twins.ts";

export const barlowTwins: CatalogueMethod<BarlowTwinsSettings> = {
  name: "barlow-twins",
  title: "Barlow Twins",
  paper: {
    title: "Barlow Twins: Self-Supervised Learning via Redundancy Reduction",
    authors: "Zbontar, Jing, Misra, LeCun, Deny",
    year: 2021,
    arxiv: "2103.03230",
  },
  idea: "each output is the same for two views of a picture and uncorrelated with the other outputs",
  settings: barlowTwinsSettings,
  ...barlowTwinsRecipe,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  collapsedLoss: ({ projectionOut }) => projectionOut,
  advice: {
    "collapsed-features": "Raise redundancyWeight, lower the learning rate or lengthen its warm-up",
    "loss-at-collapse": "Raise the learning rate; crop and jitter less, so that views have more in common",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; use larger batches, which make correlations less noisy",
  },
  objective: (settings, { imageSize }) => ({
    views: [{ name: "pair", views: byolViews({ size: imageSize, scale: settings.cropScale }) }],
    scalars: () => ({ bias_rate: constantSchedule(settings.biasRate) }),
    rates: [{ applies: ({ decays }) => !decays, by: { scalar: "bias_rate" } }],
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
      const { redundancyWeight } = settings;
      const { loss, onDiagonal, offDiagonal } = barlowTwinsWithParts(first!, second!, { redundancyWeight });
      return { loss, metrics: { on_diagonal: onDiagonal, off_diagonal: offDiagonal } };
    },
  }),
};
