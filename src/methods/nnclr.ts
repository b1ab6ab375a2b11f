/**
 * NNCLR (Dwibedi, Aytar, Tompson, Sermanet, Zisserman 2021, arXiv 2104.14548): the positive of a view is the
 * nearest neighbour of the other view in a queue of earlier embeddings. So different pictures attract each
 * other too.
 */
import { simclrViews } from "../augment/view-sets.ts";
import { symmetricInfoNceWithAccuracy } from "../losses/symmetric-info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { ViewGroup } from "../objectives/objective.ts";
import type { Situation } from "../objectives/situation.ts";
import { add, argmax, gather, matmul, mul, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { type NnclrSettings, nnclrRecipe, nnclrSettings } from "./recipes/nnclr.ts";

export const nnclr: CatalogueMethod<NnclrSettings> = {
  name: "nnclr",
  title: "NNCLR",
  paper: {
    title:
      "With a Little Help from My Friends: Nearest-Neighbor Contrastive Learning of Visual Representations",
    authors: "Dwibedi, Aytar, Tompson, Sermanet, Zisserman",
    year: 2021,
    arxiv: "2104.14548",
  },
  idea: "the positive of a view is the other view's nearest neighbour among earlier embeddings",
  settings: nnclrSettings,
  ...nnclrRecipe,
  backbone: "resnet18",
  collapsedLoss: (_settings, batchSize) => Math.log(batchSize),
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; use larger batches, which have more negatives",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.2), and then the learning rate",
    "loss-not-falling":
      "Shorten the queue in short runs, so that it contains embeddings of the current encoder",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    memories: [
      {
        ...{ kind: "queue", name: "queue", rows: settings.queue },
        ...{ width: settings.projectionOut, initial: unitSphere },
      },
    ],
    embed({ scope, backbone, views }) {
      const { headWidth, predictorWidth, projectionOut: out } = settings;
      // Batch norm sees one view at a time.
      const projection = inSubBatches(views.pair!, 2, (view) => {
        const { features } = backbone.build(scope.at("backbone"), view);
        return projectionHead(scope.at("head"), features, { layers: 3, width: headWidth, out });
      });
      const prediction = inSubBatches(projection, 2, (view) =>
        projectionHead(scope.at("predictor"), view, {
          ...{ layers: 2, width: predictorWidth, out, lastNorm: false },
        }),
      );
      return { projection, prediction }; // [2B, D] each
    },
    loss({ projection, prediction }, { batchSize: b, memories }) {
      const { temperature } = settings;
      const [first, second] = split(l2Normalize(projection!), 0, [b, b]) as [Tensor, Tensor];
      const [forFirst, forSecond] = split(prediction!, 0, [b, b]) as [Tensor, Tensor];
      const { rows } = memories.queue!;
      const one = symmetricInfoNceWithAccuracy(nearestOf(first, rows), forSecond, { temperature });
      const other = symmetricInfoNceWithAccuracy(nearestOf(second, rows), forFirst, { temperature });
      const half = (name: "loss" | "accuracy") => mul(add(one[name], other[name]), 0.5);
      return { loss: half("loss"), metrics: { accuracy: half("accuracy") }, writes: { queue: first } };
    },
  }),
};

function viewsOf({ colourStrength, cropScale }: NnclrSettings, { imageSize: size }: Situation): ViewGroup[] {
  return [{ name: "pair", views: simclrViews({ size, strength: colourStrength, scale: cropScale }) }];
}

/** The nearest row of the queue `[Q, D]` for each of the unit rows `[B, D]`. No gradient passes. */
function nearestOf(rows: Tensor, queue: Tensor): Tensor {
  return gather(stopGradient(queue), argmax(matmul(stopGradient(rows), queue, { transposeB: true }), 1));
}
