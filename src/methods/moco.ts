/**
 * MoCo (He, Fan, Wu, Xie, Girshick 2019, arXiv 1911.05722) and MoCo v2 (Chen, Fan, Girshick, He 2020, arXiv 2003.04297): a
 * query is told from a queue of keys that a slowly moving encoder has made. Settings are those of facebookresearch/moco
 * `main_moco.py`, with the queue and the momentum scaled to the size of the data set.
 */
import { z } from "zod";
import { mocoV1Views, mocoV2Views } from "../augment/view-sets.ts";
import { queueInfoNceWithAccuracy } from "../losses/queue-info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { inSubBatches, partsOf } from "../nn/sub-batches.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import { constantSchedule, linearScaling } from "../optim/schedule.ts";
import { cast, gather, reshape, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method, Situation } from "./method.ts";
import { writeOrderAndInverse } from "./order-and-inverse.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  queue: z.int().positive().describe("K, number of negatives: keys of earlier steps"),
  keyMomentum: z.number().min(0).max(1).describe("momentum of the key encoder"),
  projectionLayers: z.int().min(1).describe("linear layers of the head: 1 in v1, 2 in v2"),
  projectionOut: z.int().positive().describe("size of queries and keys"),
  subBatches: z
    .int()
    .positive()
    .describe("parts of a batch with separate batch norm; keys are shuffled between parts"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type MocoSettings = z.infer<typeof settings>;

/** The largest power of two that half of the pictures fill, at most MoCo's own. */
function queueFor(pictures: number): number {
  return 2 ** Math.min(16, Math.max(1, Math.floor(Math.log2(pictures / 2))));
}

function defaults({ pictures, batchSize, microBatch = batchSize, batchNorm }: Situation) {
  return {
    queue: queueFor(pictures),
    keyMomentum: bySize(pictures, 0.99, 0.999),
    projectionOut: 128,
    // Batch norm lets a query know its key by the statistics they share, unless the keys' parts are other ones.
    subBatches: batchNorm ? Math.min(4, Math.max(1, Math.floor(microBatch / 32))) : 1,
    cropScale: [0.2, 1] as [number, number],
  };
}

/** Says where batch norm does not see the parts that were asked for, or a query and its key are in one part all the same. */
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

const shared = {
  settings,
  backbone: "resnet18",
  scalars: (s: MocoSettings) => ({ teacher_momentum: constantSchedule(s.keyMomentum) }),
  encoder: "student",
  hasTeacher: true,
  gates: [],
  couplesBatch: true,
  memories: (s: MocoSettings) => [
    { kind: "queue", name: "queue", rows: s.queue, width: s.projectionOut, initial: unitSphere },
  ],
  draws: () => [
    {
      name: "shuffle",
      stage: "embed",
      per: "part",
      dtype: "int32",
      shape: (pictures: number) => [2, pictures],
      fill: writeOrderAndInverse,
    },
  ],
  remarks: partRemarks,
  batchNormSees: (s: MocoSettings, pictures: number) => pictures / partsOf(pictures, s.subBatches),
  collapsedLoss: (s: MocoSettings) => Math.log(s.queue + 1),
  advice: {
    "collapsed-features":
      "Lower the learning rate; raise keyMomentum, so that keys in the queue stay consistent",
    "loss-at-collapse": "Lower the temperature, and then the learning rate",
    "loss-not-falling":
      "Raise keyMomentum (0.99 to 0.999), and check that the queue is at most half as long as the data set",
  },
  embed(context: EmbedContext<MocoSettings>) {
    const { views, batchSize, draws, scope, teacher } = context;
    const [first, second] = split(views.pair!, 0, [batchSize, batchSize]) as [Tensor, Tensor];
    const [order, inverse] = split(draws.shuffle!, 0, [1, 1]).map((row) => reshape(row, [batchSize]));
    const keys = project(teacher!, rowsAt(second, order!), context);
    return { query: project(scope, first, context), key: stopGradient(rowsAt(keys, inverse!)) };
  },
  loss({ query, key }, { settings: s, memories }) {
    const { loss, accuracy } = queueInfoNceWithAccuracy({
      queries: query!,
      keys: key!,
      queue: memories.queue!.rows,
      temperature: s.temperature,
    });
    return { loss, metrics: { accuracy }, writes: { queue: l2Normalize(key!) } };
  },
} satisfies Partial<Method<MocoSettings>>;

export const mocoV1: Method<MocoSettings> = {
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
  defaults: settingsByLength(
    (situation) => ({ ...defaults(situation), temperature: 0.07, projectionLayers: 1 }),
    () => ({ cropScale: [0.5, 1] }),
  ),
  training: trainingByLength((_settings, situation) => ({
    ...training(situation),
    decay: "steps",
    milestones: [0.6, 0.8],
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: mocoV1Views({ size: imageSize, scale: cropScale }) },
  ],
};

export const mocoV2: Method<MocoSettings> = {
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
  defaults: settingsByLength(
    (situation) => ({ ...defaults(situation), temperature: 0.2, projectionLayers: 2 }),
    () => ({ cropScale: [0.5, 1], temperature: 0.1, projectionLayers: 1 }),
  ),
  training: trainingByLength((_settings, situation) => training(situation)),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: mocoV2Views({ size: imageSize, scale: cropScale }) },
  ],
};

/** The authors' rate is for ImageNet; solo-learn's runs on small data sets have ten times that. */
function training({ batchSize, pictures }: Situation) {
  return {
    optimizer: "sgd" as const,
    learningRate: linearScaling(bySize(pictures, 0.3, 0.03), batchSize),
    finalLearningRate: 0,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    decayAll: true,
    clip: null,
  };
}

/** Encoder and head, part by part, `[B, D]`. */
function project(root: Scope, pictures: Tensor, context: EmbedContext<MocoSettings>): Tensor {
  const { settings: s, backbone } = context;
  return inSubBatches(pictures, s.subBatches, (part) => {
    const { features } = backbone.build(root.at("backbone"), part);
    return projectionHead(root.at("head"), features, {
      layers: s.projectionLayers,
      width: features.shape[1]!,
      out: s.projectionOut,
      norm: false,
    });
  });
}

function rowsAt(x: Tensor, order: Tensor): Tensor {
  return gather(x, cast(order, "int64"));
}
