/**
 * MoCo (He, Fan, Wu, Xie, Girshick 2019, arXiv 1911.05722) and MoCo v2 (Chen, Fan, Girshick, He 2020, arXiv
 * 2003.04297): a query must match its key among a queue of keys that a slowly moving encoder has made.
 */
import { mocoV1Views, mocoV2Views } from "../augment/view-sets.ts";
import { queueInfoNceWithAccuracy } from "../losses/queue-info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches, partsOf } from "../nn/sub-batches.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext, Embeddings, Objective } from "../objectives/objective.ts";
import type { Situation } from "../objectives/situation.ts";
import { constantSchedule } from "../optim/schedule.ts";
import { cast, gather, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { pictureOrder } from "./parts/order-and-inverse.ts";
import { type MocoSettings, mocoSettings, mocoV1Recipe, mocoV2Recipe } from "./recipes/moco.ts";

const shared = {
  settings: mocoSettings,
  backbone: "resnet18",
  remarks: partRemarks,
  batchNormSees: (settings: MocoSettings, pictures: number) =>
    pictures / partsOf(pictures, settings.subBatches),
  collapsedLoss: (settings: MocoSettings) => Math.log(settings.queue + 1),
  advice: {
    "collapsed-features":
      "Lower the learning rate; raise keyMomentum, so that keys in the queue stay consistent",
    "loss-at-collapse": "Lower the temperature, and then the learning rate",
    "loss-not-falling":
      "Raise keyMomentum (0.99 to 0.999), and check that the queue is at most half as long as the data set",
  },
};

export const mocoV1: CatalogueMethod<MocoSettings> = {
  ...shared,
  name: "moco-v1",
  title: "MoCo",
  paper: {
    title: "Momentum Contrast for Unsupervised Visual Representation Learning",
    authors: "He, Fan, Wu, Xie, Girshick",
    year: 2019,
    arxiv: "1911.05722",
  },
  idea: "a query must match its key among a long queue of keys, made by a moving average of the encoder",
  ...mocoV1Recipe,
  objective: (settings, { imageSize }) => ({
    views: [{ name: "pair", views: mocoV1Views({ size: imageSize, scale: settings.cropScale }) }],
    ...momentumContrast(settings),
  }),
};

export const mocoV2: CatalogueMethod<MocoSettings> = {
  ...shared,
  name: "moco-v2",
  title: "MoCo v2",
  paper: {
    title: "Improved Baselines with Momentum Contrastive Learning",
    authors: "Chen, Fan, Girshick, He",
    year: 2020,
    arxiv: "2003.04297",
  },
  idea: "MoCo with SimCLR's head and stronger augmentation, and a cosine schedule",
  ...mocoV2Recipe,
  objective: (settings, { imageSize }) => ({
    views: [{ name: "pair", views: mocoV2Views({ size: imageSize, scale: settings.cropScale }) }],
    ...momentumContrast(settings),
  }),
};

function momentumContrast(settings: MocoSettings): Objective {
  const { temperature, queue: rows, projectionOut: width, keyMomentum } = settings;
  return {
    teacher: { momentum: () => constantSchedule(keyMomentum) },
    memories: [{ kind: "queue", name: "queue", rows, width, initial: unitSphere }],
    draws: [pictureOrder()],
    embed: (context) => embed(context, settings),
    loss({ query, key }, { memories }) {
      const queue = memories.queue!.rows;
      const pair = { queries: query!, keys: key! };
      const { loss, accuracy } = queueInfoNceWithAccuracy({ ...pair, queue, temperature });
      return { loss, metrics: { accuracy }, writes: { queue: l2Normalize(key!) } };
    },
  };
}

/**
 * Queries and keys, `[B, D]` each. Keys are computed in another order, so batch norm sees them among other
 * pictures.
 */
function embed(context: EmbedContext, settings: MocoSettings): Embeddings {
  const { views, batchSize, draws, scope, teacher } = context;
  const [first, second] = split(views.pair!, 0, [batchSize, batchSize]) as [Tensor, Tensor];
  const [order, inverse] = split(draws.shuffle!, 0, [1, 1]).map((row) => reshape(row, [batchSize]));
  const keys = project(teacher!, rowsAt(second, order!), context, settings);
  return { query: project(scope, first, context, settings), key: stopGradient(rowsAt(keys, inverse!)) };
}

/** Applies encoder and head to each part of the batch, `[B, D]`. */
function project(
  root: Scope,
  pictures: Tensor,
  { backbone }: EmbedContext,
  { subBatches, projectionLayers: layers, projectionOut: out }: MocoSettings,
): Tensor {
  return inSubBatches(pictures, subBatches, (part) => {
    const { features } = backbone.build(root.at("backbone"), part);
    const width = features.shape[1]!;
    return projectionHead(root.at("head"), features, { layers, width, out, norm: false });
  });
}

function rowsAt(x: Tensor, order: Tensor): Tensor {
  return gather(x, cast(order, "int64"));
}

/**
 * Remarks, if batch norm does not see the parts that were asked for, or sees a query and its key in the same
 * part.
 */
function partRemarks(
  { subBatches }: MocoSettings,
  { batchSize, microBatch = batchSize, batchNorm }: Situation,
): string[] {
  const parts = partsOf(microBatch, subBatches);
  if (!batchNorm || (parts === subBatches && parts > 1)) return [];
  const together = `batch norm sees all ${microBatch} pictures together, and a query can recognise its key by their statistics`;
  if (subBatches === 1) return [`${together}: use 64 pictures or more at a time, or set subBatches to 2`];
  const odd = `${microBatch} pictures at a time do not divide into ${subBatches} parts`;
  return [parts === 1 ? `${odd}, so ${together}` : `${odd}: batch norm sees ${parts} parts`];
}
