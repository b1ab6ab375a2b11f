/**
 * Instance discrimination (Wu, Xiong, Yu, Lin 2018, arXiv 1805.01978): every picture is a class of its own.
 * The weights of a class are the picture's row in a memory bank.
 */
import { mocoV1Views } from "../augment/view-sets.ts";
import { proximal } from "../losses/proximal.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";
import { add } from "../tensor/index.ts";
import { discriminate, memoryBank, nextRows } from "./parts/memory-bank.ts";
import { type InstdiscSettings, instdiscRecipe, instdiscSettings } from "./recipes/instdisc.ts";

export const instdisc: CatalogueMethod<InstdiscSettings> = {
  name: "instdisc",
  title: "InstDisc",
  paper: {
    title: "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
    authors: "Wu, Xiong, Yu, Lin",
    year: 2018,
    arxiv: "1805.01978",
  },
  idea: "every picture is a class; a memory bank of earlier embeddings replaces the classifier's weights",
  settings: instdiscSettings,
  ...instdiscRecipe,
  backbone: "resnet18",
  // The value of the NCE loss depends on its constant.
  collapsedLoss: ({ negatives }, _batchSize, pictures) =>
    negatives === 0 || negatives >= pictures ? Math.log(pictures) : null,
  advice: {
    "collapsed-features": "Lower the learning rate; lower bankMomentum, so that rows follow their pictures",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.1), and then the learning rate",
    "loss-not-falling":
      "Train for more epochs, because a picture's row is updated once an epoch; set negatives to 0, or proximal to 30",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    memories: [memoryBank("bank", { negatives: settings.negatives, width: settings.projectionOut })],
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.picture!);
      const width = features.shape[1]!;
      const out = projectionHead(scope.at("head"), features, {
        ...{ layers: 1, width, out: settings.projectionOut, norm: false },
      });
      return { embedding: l2Normalize(out) }; // [B, D]
    },
    loss({ embedding }, { scope, memories }) {
      const { temperature, proximal: weight, bankMomentum } = settings;
      const bank = memories.bank!;
      const { loss, accuracy } = discriminate(embedding!, bank, { temperature, scope: scope.at("loss") });
      return {
        loss: weight === 0 ? loss : add(loss, proximal(embedding!, bank.own!, weight)),
        metrics: { accuracy },
        writes: { bank: nextRows(bank.own!, embedding!, bankMomentum) },
      };
    },
  }),
};

function viewsOf({ cropScale, flip }: InstdiscSettings, { imageSize }: Situation) {
  const [view] = mocoV1Views({ size: imageSize, scale: cropScale });
  return [{ name: "picture", views: [{ ...view!, flip }] }];
}
