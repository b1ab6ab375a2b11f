/**
 * BYOL (Grill et al. 2020, arXiv 2006.07733): from one view of a picture, a network predicts its own moving
 * average's output for another view. Nothing repels; the predictor and the slow target prevent collapse.
 *
 * The heads of a ResNet without batch norm have group norm and standardised weights instead (Richemond et al.
 * 2020, arXiv 2010.10241).
 */
import { byolViews } from "../augment/view-sets.ts";
import { relativeDeviation } from "../losses/metrics/relative-deviation.ts";
import { byolLoss } from "../losses/negative-cosine.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext } from "../objectives/objective.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { risingMomentum } from "./parts/schedules.ts";
import { type ByolSettings, byolRecipe, byolSettings } from "./recipes/byol.ts";

export const byol: CatalogueMethod<ByolSettings> = {
  name: "byol",
  title: "BYOL",
  paper: {
    title: "Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning",
    authors: "Grill, Strub, Altché, Tallec, Richemond, Buchatskaya, Doersch, et al.",
    year: 2020,
    arxiv: "2006.07733",
  },
  idea: "a network predicts, from one view, its moving average's output for another view; no negatives",
  settings: byolSettings,
  ...byolRecipe,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  collapsedLoss: () => 0,
  // Below this deviation, the cosine of two pictures' targets is .8 or more on average.
  spread: () => [{ metric: "target_deviation", least: 0.45 }],
  advice: {
    "collapsed-features":
      "Check that predictor is true; raise targetMomentum (0.99 to 0.996), lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Check that predictor is true; raise targetMomentum (0.99 to 0.996), and then lower the learning rate",
    "loss-not-falling":
      "Lower targetMomentum (0.9 to 0.99) in short runs, and check that the learning rate is not close to 0",
  },
  objective: (settings, { imageSize }) => ({
    views: [{ name: "pair", views: byolViews({ size: imageSize, scale: settings.cropScale }) }],
    teacher: { momentum: risingMomentum(settings.targetMomentum) },
    couplesBatch: false,
    embed(context) {
      const { scope, teacher } = context;
      const projected = project(scope, context, settings); // [2B, D]
      const predicted = settings.predictor
        ? inSubBatches(projected, 2, (view) => head(scope.at("predictor"), view, settings))
        : projected;
      return { predicted, target: stopGradient(project(teacher!, context, settings)) };
    },
    loss({ predicted, target }, { batchSize: b }) {
      const [p1, p2] = split(predicted!, 0, [b, b]) as [Tensor, Tensor];
      const [z1, z2] = split(target!, 0, [b, b]) as [Tensor, Tensor];
      return { loss: byolLoss([p1, p2], [z1, z2]), metrics: { target_deviation: relativeDeviation(z1) } };
    },
  }),
};

/**
 * Applies encoder and projection head to one view at a time, because batch norm must see each view
 * separately: `[2B, D]`.
 */
function project(root: Scope, { backbone, views }: EmbedContext, settings: ByolSettings): Tensor {
  return inSubBatches(views.pair!, 2, (view) =>
    head(root.at("head"), backbone.build(root.at("backbone"), view).features, settings),
  );
}

/** Linear, norm, ReLU, linear: both the projection head and the predictor. */
function head(scope: Scope, x: Tensor, { headWidth, projectionOut, headNorm }: ByolSettings): Tensor {
  return projectionHead(scope, x, {
    layers: 2,
    width: headWidth,
    out: projectionOut,
    norm: { batch: true, group: "group" as const, none: false }[headNorm],
    lastNorm: false,
    lastBias: false,
  });
}
