/**
 * Contrastive multiview coding (Tian, Krishnan, Isola 2019, arXiv 1906.05849): one encoder sees the lightness
 * of pictures and another their colours. Each picture's lightness must identify its colours among those of
 * other pictures, and vice versa.
 */
import { cmcViews } from "../augment/view-sets.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { infoNceWithAccuracy } from "../losses/info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Embeddings, LossContext } from "../objectives/objective.ts";
import { add, concat, mul, type Tensor } from "../tensor/index.ts";
import { colourViewNames, colourViews } from "./parts/colour-views.ts";
import { refuseGreyPictures } from "./parts/colourful.ts";
import { type Discrimination, discriminate, memoryBank, nextRows } from "./parts/memory-bank.ts";
import { type CmcSettings, cmcRecipe, cmcSettings } from "./recipes/cmc.ts";

export const cmc: CatalogueMethod<CmcSettings> = {
  name: "cmc",
  title: "CMC",
  paper: {
    title: "Contrastive Multiview Coding",
    authors: "Tian, Krishnan, Isola",
    year: 2019,
    arxiv: "1906.05849",
  },
  idea: "one encoder sees the lightness of a picture, another its colours; embeddings of one picture must match",
  settings: cmcSettings,
  ...cmcRecipe,
  backbone: "resnet18",
  examine: (pictures) => refuseGreyPictures("cmc", pictures),
  encoderOf,
  // Each direction of a comparison adds a loss. The value of the NCE loss depends on its constants.
  collapsedLoss(settings, batchSize, pictures) {
    const { loss, negatives } = settings;
    const directions = 2 * comparisons(settings).length;
    if (loss === "batch") return directions * Math.log(batchSize);
    return negatives === 0 || negatives >= pictures ? directions * Math.log(pictures) : null;
  },
  advice: {
    "collapsed-features": "Lower the learning rate; check that the pictures have different colours",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.1), and then the learning rate",
    "loss-not-falling":
      "Train for more epochs, because a bank updates a row once an epoch, or set loss to batch; check that the pictures have colours",
  },
  objective: (settings, { imageSize }) => ({
    views: [{ name: "picture", views: cmcViews({ size: imageSize, scale: settings.cropScale }) }],
    memories: banks(settings),
    embed({ scope, backbone, views }) {
      const seen = Object.entries(colourViews(views.picture!, settings));
      const embedded = seen.map(([name, view]) => {
        const { features } = backbone.build(scope.at("backbone").at(name), view);
        const width = features.shape[1]!;
        const out = projectionHead(scope.at("head").at(name), features, {
          ...{ layers: 1, width, out: settings.projectionOut, norm: false },
        });
        return [name, l2Normalize(out)]; // [B, D]
      });
      return Object.fromEntries(embedded);
    },
    loss(embeddings, context) {
      const compared = comparisons(settings).flatMap(([one, other]) => [
        compare(one, other, embeddings, context, settings),
        compare(other, one, embeddings, context, settings),
      ]);
      const accuracies = compared.map(({ accuracy }) => accuracy).reduce((sum, value) => add(sum, value));
      const written = Object.entries(context.memories).map(([name, { own }]) => [
        name,
        nextRows(own!, embeddings[name]!, settings.bankMomentum),
      ]);
      return {
        loss: compared.map(({ loss }) => loss).reduce((sum, value) => add(sum, value)),
        metrics: { accuracy: mul(accuracies, 1 / compared.length) },
        writes: Object.fromEntries(written),
      };
    },
  }),
};

/** A bank for each view; none if negatives come from the batch. */
function banks(settings: CmcSettings) {
  const { loss, negatives, projectionOut: width } = settings;
  return loss === "batch"
    ? []
    : colourViewNames(settings).map((name) => memoryBank(name, { negatives, width }));
}

/** The loss of identifying a picture's embedding of the other view from that of one view. */
function compare(
  anchor: string,
  other: string,
  embeddings: Embeddings,
  { scope, memories }: LossContext,
  { temperature, loss }: CmcSettings,
): Discrimination {
  if (loss === "batch") return infoNceWithAccuracy(embeddings[anchor]!, embeddings[other]!, { temperature });
  const constants = scope.at("loss").at(anchor).at(other);
  return discriminate(embeddings[anchor]!, memories[other]!, { temperature, scope: constants });
}

/**
 * Names of the views that are compared (section 3.3): the core view, which is the first, with each other one,
 * or all pairs (the full graph).
 */
function comparisons(settings: CmcSettings): [string, string][] {
  const names = colourViewNames(settings);
  const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other): [string, string] => [one, other]));
  return settings.graph === "full" ? pairs : pairs.filter(([one]) => one === names[0]);
}

/** An encoder of normalised pictures: the features of all views' backbones, concatenated. */
function encoderOf(backbone: Backbone, settings: CmcSettings): Backbone {
  return {
    ...backbone,
    features: backbone.features * colourViewNames(settings).length,
    build(scope: Scope, pictures: Tensor) {
      const seen = Object.entries(colourViews(pictures, settings));
      const built = seen.map(([name, view]) => backbone.build(scope.at(name), view).features);
      return { features: concat(built, 1) };
    },
  };
}
