/**
 * SimCLR (Chen, Kornblith, Norouzi, Hinton 2020, arXiv 2002.05709): two strong views of each picture, one
 * encoder, a projection head, and NT-Xent over the batch.
 */
import { simclrViews } from "../augment/view-sets.ts";
import { ntXentWithAccuracy } from "../losses/nt-xent.ts";
import { type ProjectionHeadOptions, projectionHead } from "../nn/projection-head.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";
import { split } from "../tensor/index.ts";
import { viewSize } from "./parts/view-size.ts";
import { type SimclrSettings, simclrRecipe, simclrSettings } from "./recipes/simclr.ts";

export const simclr: CatalogueMethod<SimclrSettings> = {
  name: "simclr",
  title: "SimCLR",
  paper: {
    title: "A Simple Framework for Contrastive Learning of Visual Representations",
    authors: "Chen, Kornblith, Norouzi, Hinton",
    year: 2020,
    arxiv: "2002.05709",
  },
  idea: "two views of a picture attract each other, all other pictures of the batch repel them",
  settings: simclrSettings,
  ...simclrRecipe,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  projection: projectionOf,
  collapsedLoss: ({ decoupled }, batchSize) => Math.log(2 * batchSize - (decoupled ? 2 : 1)),
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; use larger batches, which have more negatives",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.2), and then the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; crop and jitter less",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.pair!); // [2B, D]
      const options = projectionOf(settings, backbone.features);
      return { pair: projectionHead(scope.at("head"), features, options) };
    },
    loss({ pair }, { batchSize }) {
      const [first, second] = split(pair!, 0, [batchSize, batchSize]);
      const { loss, accuracy } = ntXentWithAccuracy(first!, second!, settings);
      return { loss, metrics: { accuracy } };
    },
  }),
};

function projectionOf(settings: SimclrSettings, features: number): ProjectionHeadOptions {
  return {
    layers: settings.projectionLayers,
    width: settings.projectionWidth ?? features,
    out: settings.projectionOut,
    norm: settings.projectionNorm,
    lastAffine: "scale",
  };
}

function viewsOf({ colourStrength, blur, cropScale, viewScale }: SimclrSettings, situation: Situation) {
  const size = viewSize(situation, viewScale);
  return [{ name: "pair", views: simclrViews({ size, strength: colourStrength, blur, scale: cropScale }) }];
}
