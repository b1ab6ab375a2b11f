/**
 * MoCo v3 (Chen, Xie, He 2021, arXiv 2104.02057): no queue. The prediction from each view must identify the
 * moving average's embedding of the other view among those of the batch. The patch projection of a vision
 * transformer is frozen, for stability.
 */
import { mocoV3Views } from "../augment/view-sets.ts";
import { mocoV3LossWithAccuracy } from "../losses/moco-v3.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext, Objective } from "../objectives/objective.ts";
import type { Plan, ScalarSchedule, Situation } from "../objectives/situation.ts";
import { constantSchedule } from "../optim/schedule.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { risingMomentum } from "./parts/schedules.ts";
import { type MocoV3Settings, mocoV3Recipe, mocoV3Settings } from "./recipes/moco-v3.ts";

export const mocoV3: CatalogueMethod<MocoV3Settings> = {
  name: "moco-v3",
  title: "MoCo v3",
  paper: {
    title: "An Empirical Study of Training Self-Supervised Vision Transformers",
    authors: "Chen, Xie, He",
    year: 2021,
    arxiv: "2104.02057",
  },
  idea: "MoCo without a queue, symmetric and with a predictor; a ViT's patch projection is frozen for stability",
  settings: mocoV3Settings,
  ...mocoV3Recipe,
  backbone: "vit_tiny",
  backboneOptions: { positions: "sincos", dropPath: 0, init: "moco", zeroInit: true },
  collapsedLoss: (settings, batchSize) => 4 * settings.temperature * Math.log(batchSize),
  advice: {
    "collapsed-features": "Lower the learning rate or lengthen its warm-up; keep the patch projection frozen",
    "loss-at-collapse": "Lower the temperature, and then the learning rate",
    "loss-not-falling":
      "Lower keyMomentum (0.99) in short runs; check that the learning rate is not close to 0",
  },
  objective: (settings, situation) => ({
    views: [{ name: "pair", views: mocoV3Views({ size: situation.imageSize, scale: settings.cropScale }) }],
    teacher: { momentum: (plan) => momentumOfNext(settings, plan) },
    ...patchGate(settings, situation),
    embed(context) {
      const { scope, teacher } = context;
      const query = inSubBatches(project(scope, context, settings), 2, (view) =>
        projectionHead(scope.at("predictor"), view, {
          ...{ layers: 2, width: settings.headWidth, out: settings.projectionOut, lastBias: false },
          ...{ lastNorm: settings.predictorNorm, lastAffine: false },
        }),
      );
      return { query, key: stopGradient(project(teacher!, context, settings)) }; // [2B, D] each
    },
    loss({ query, key }, { batchSize: b }) {
      const views = (rows: Tensor) => split(rows, 0, [b, b]) as [Tensor, Tensor];
      const { loss, accuracy } = mocoV3LossWithAccuracy({
        queries: views(query!),
        keys: views(key!),
        temperature: settings.temperature,
      });
      return { loss, metrics: { accuracy } };
    },
  }),
};

/**
 * The authors' code moves the average at the beginning of a step, with that step's momentum. The trainer here
 * moves it at the end of the step before.
 */
function momentumOfNext({ keyMomentum }: MocoV3Settings, plan: Plan): ScalarSchedule {
  const momentum = risingMomentum(keyMomentum)(plan);
  return (step) => momentum(step + 1);
}

/** Freezes the patch projection that a vision transformer has. */
function patchGate({ freezePatchProjection }: MocoV3Settings, { family }: Situation): Partial<Objective> {
  if (family !== "vit") return {};
  return {
    scalars: () => ({ patch_gate: constantSchedule(freezePatchProjection ? 0 : 1) }),
    gates: [{ prefix: "backbone.patch_embed", gate: "patch_gate" }],
  };
}

/**
 * Applies encoder and projection head to one view at a time, because batch norm must see each view
 * separately: `[2B, D]`.
 */
function project(root: Scope, { backbone, views }: EmbedContext, settings: MocoV3Settings): Tensor {
  return inSubBatches(views.pair!, 2, (view) => {
    const { features } = backbone.build(root.at("backbone"), view);
    return projectionHead(root.at("head"), features, {
      ...{ layers: settings.projectionLayers, width: settings.headWidth, out: settings.projectionOut },
      ...{ lastBias: false, lastAffine: false },
    });
  });
}
