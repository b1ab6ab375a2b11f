/**
 * Jigsaw (Noroozi, Favaro 2016, arXiv 1603.09246): nine patches of a picture, with gaps between them, come in
 * one of a set of orders, and the network classifies the order.
 *
 * Patches of small pictures are assembled, in their shuffled order, into one picture that the encoder sees
 * whole (JiGen: Carlucci et al. 2019, arXiv 1903.06864). A single patch is smaller than the receptive field
 * of the last stage's filters.
 */
import { cropAndFlipView } from "../augment/view-sets.ts";
import { softmaxCrossEntropyWithAccuracy } from "../losses/softmax-cross-entropy.ts";
import { cutPatches } from "../nn/cut-patches.ts";
import { joinPatches } from "../nn/join-patches.ts";
import { batchNorm, linear } from "../nn/layers.ts";
import type { Scope } from "../nn/scope.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";
import { relu, reshape, type Tensor } from "../tensor/index.ts";
import { byPicture, puzzleDraw, puzzleParts } from "./parts/puzzle.ts";
import { type JigsawSettings, jigsawRecipe, jigsawSettings } from "./recipes/jigsaw.ts";

export const jigsaw: CatalogueMethod<JigsawSettings> = {
  name: "jigsaw",
  title: "Jigsaw",
  paper: {
    title: "Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles",
    authors: "Noroozi, Favaro",
    year: 2016,
    arxiv: "1603.09246",
  },
  idea: "the network classifies the order of nine shuffled patches, for which it must know the parts of objects",
  settings: jigsawSettings,
  ...jigsawRecipe,
  backbone: "resnet18",
  predictive: true,
  collapsedLoss: ({ permutations }) => Math.log(permutations),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse":
      "Use fewer permutations (24), larger patches or larger pictures, and lower the learning rate",
    "loss-not-falling": "Use fewer permutations, and more pictures or epochs",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    draws: [puzzleDraw(settings, situation)],
    couplesBatch: false,
    embed({ scope, backbone, views, draws, batchSize: b }) {
      const { patchSize, assemble, normalizePatches, towerWidth, permutations } = settings;
      const { corners, order } = puzzleParts(draws.puzzle!);
      const patches = cutPatches(views.picture!, corners, patchSize, normalizePatches); // [9·B, 3, p, p]
      const seen = assemble ? joinPatches(byPicture(patches), patchSize) : patches; // or [B, 3, 3·p, 3·p]
      const { features } = backbone.build(scope.at("backbone"), seen);
      const kept = tower(scope.at("head.tower"), features, towerWidth); // [9·B, T] or [B, T]
      const whole = reshape(assemble ? kept : byPicture(kept), [b, -1]); // [B, 9·T] or [B, T]
      return { logits: linear(scope.at("head.order"), whole, { out: permutations }), order };
    },
    loss({ logits, order }) {
      const { loss, accuracy } = softmaxCrossEntropyWithAccuracy(logits!, order!);
      return { loss, metrics: { accuracy } };
    },
  }),
};

function viewsOf({ cropScale, greyscale }: JigsawSettings, { imageSize }: Situation) {
  const view = cropAndFlipView({ size: imageSize, scale: cropScale });
  return [{ name: "picture", views: [{ ...view, greyscale }] }];
}

/** Linear, batch norm over all rows, ReLU. A row is a patch, or an assembled picture. */
function tower(scope: Scope, features: Tensor, out: number): Tensor {
  return relu(batchNorm(scope.at("norm"), linear(scope.at("linear"), features, { out, bias: false })));
}
