/**
 * The invariant and spreading instance feature (Ye, Zhang, Yuen, Chang 2019, arXiv 1904.03436): two views of
 * a picture attract each other. The other pictures of the batch are pushed away twice: together by a softmax,
 * and each one separately.
 */
import { mocoV1Views } from "../augment/view-sets.ts";
import { invariantSpreadWithTerms } from "../losses/invariant-spread.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import { split } from "../tensor/index.ts";
import { type InvaspreadSettings, invaspreadRecipe, invaspreadSettings } from "./recipes/invaspread.ts";

export const invaspread: CatalogueMethod<InvaspreadSettings> = {
  name: "invaspread",
  title: "InvaSpread",
  paper: {
    title: "Unsupervised Embedding Learning via Invariant and Spreading Instance Feature",
    authors: "Ye, Zhang, Yuen, Chang",
    year: 2019,
    arxiv: "1904.03436",
  },
  idea: "two views of a picture attract; each other picture of the batch is pushed away separately",
  settings: invaspreadSettings,
  ...invaspreadRecipe,
  backbone: "resnet18",
  collapsedLoss: (_settings, batchSize) => {
    const others = 2 * batchSize - 1;
    return Math.log(others) + (others - 1) * Math.log(others / (others - 1));
  },
  advice: {
    "collapsed-features": "Lower the learning rate; use larger batches, which have more negatives",
    "loss-at-collapse": "Lower the temperature (0.05 to 0.2), and then the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; crop less",
  },
  objective: ({ temperature, projectionOut, cropScale }, { imageSize }) => ({
    views: [{ name: "pair", views: mocoV1Views({ size: imageSize, scale: cropScale }) }],
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.pair!);
      const width = features.shape[1]!;
      const pair = projectionHead(scope.at("head"), features, {
        ...{ layers: 1, width, out: projectionOut, norm: false },
      });
      return { pair }; // [2B, D]
    },
    loss({ pair }, { batchSize }) {
      const [first, second] = split(pair!, 0, [batchSize, batchSize]);
      const { loss, invariance, spread } = invariantSpreadWithTerms(first!, second!, { temperature });
      return { loss, metrics: { invariance, spread } };
    },
  }),
};
