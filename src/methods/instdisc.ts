/**
 * Instance discrimination (Wu, Xiong, Yu, Lin 2018, arXiv 1805.01978): every picture is a class of its own, whose weights are
 * what a memory bank remembers of the picture. Settings are those of zhirongw/lemniscate.pytorch, `main.py` at ImageNet's
 * size and `cifar.py` for small data sets.
 */
import { z } from "zod";
import { mocoV1Views } from "../augment/view-sets.ts";
import { proximal } from "../losses/proximal.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { linearScaling, squareRootScaling } from "../optim/schedule.ts";
import { add } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import { discriminate, memoryBank, nextRows } from "./memory-bank.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  negatives: z
    .int()
    .min(0)
    .describe("K, rows of the bank drawn for NCE at each step; 0 uses the whole bank in a softmax"),
  bankMomentum: z.number().min(0).lt(1).describe("share of a picture's row that is kept when it is updated"),
  proximal: z.number().min(0).describe("λ, weight of the distance to the embedding of an epoch ago"),
  projectionOut: z.int().positive().describe("D, size of the embeddings and of the bank's rows"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
  flip: z.number().min(0).max(1).describe("probability of a horizontal flip"),
});
export type InstdiscSettings = z.infer<typeof settings>;

/** Pictures up to which comparing with the whole bank is a small part of a step of ResNet-18. */
const SOFTMAX_UP_TO = 100_000;

export const instdisc: Method<InstdiscSettings> = {
  name: "instdisc",
  title: "InstDisc",
  paper: {
    title: "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
    authors: "Wu, Xiong, Yu, Lin",
    year: 2018,
    arxiv: "1805.01978",
  },
  idea: "every picture is a class; a memory bank of earlier embeddings replaces the classifier's weights",
  settings,
  backbone: "resnet18",
  defaults: settingsByLength(
    ({ pictures, imageSize }) => ({
      temperature: bySize(pictures, 0.1, 0.07),
      negatives: pictures <= SOFTMAX_UP_TO ? 0 : 4096,
      bankMomentum: 0.5,
      proximal: 0,
      projectionOut: 128,
      cropScale: [0.2, 1],
      flip: imageSize <= 64 ? 0 : 0.5,
    }),
    // A row is seen a few times: half of what it began with, which is random, would stay for most of the run.
    () => ({ cropScale: [0.5, 1], bankMomentum: 0 }),
  ),
  training: trainingByLength(
    (_settings, { batchSize, pictures, epochs }) => ({
      optimizer: "sgd",
      learningRate: linearScaling(bySize(pictures, 0.06, 0.03), batchSize), // .03 for 128 of CIFAR, 256 of ImageNet
      finalLearningRate: 0,
      decay: "steps",
      milestones: [0.6, 0.8],
      // The authors have none. It keeps a short run from learning the random rows of the first epoch.
      warmupEpochs: bySize(pictures, Math.min(2, 0.1 * epochs), 0),
      inclusiveWarmup: false,
      weightDecay: bySize(pictures, 5e-4, 1e-4),
      finalWeightDecay: bySize(pictures, 5e-4, 1e-4),
      decayAll: true,
      clip: null,
    }),
    // Rows a whole epoch old are targets that a faster network runs away from.
    ({ epochs, batchSize }) => ({
      learningRate: squareRootScaling(1e-3, batchSize, 64),
      warmupEpochs: Math.min(2, 0.4 * epochs),
    }),
  ),
  views: ({ cropScale, flip }, { imageSize }) => [
    { name: "picture", views: [{ ...mocoV1Views({ size: imageSize, scale: cropScale })[0]!, flip }] },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  memories: ({ negatives, projectionOut: width }) => [memoryBank("bank", { negatives, width })],
  // NCE's value there depends on its constant.
  collapsedLoss: ({ negatives }, _batchSize, pictures) =>
    negatives === 0 || negatives >= pictures ? Math.log(pictures) : null,
  advice: {
    "collapsed-features": "Lower the learning rate; lower bankMomentum, so that rows follow their pictures",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.1), and then the learning rate",
    "loss-not-falling":
      "Train for more epochs, because a picture's row is updated once an epoch; set negatives to 0, or proximal to 30",
  },
  embed({ settings: s, scope, backbone, views }) {
    const { features } = backbone.build(scope.at("backbone"), views.picture!);
    const width = features.shape[1]!;
    const out = projectionHead(scope.at("head"), features, {
      ...{ layers: 1, width, out: s.projectionOut, norm: false },
    });
    return { embedding: l2Normalize(out) }; // [B, D]
  },
  loss({ embedding }, { settings: s, scope, memories }) {
    const bank = memories.bank!;
    const { loss, accuracy } = discriminate(embedding!, bank, { ...s, scope: scope.at("loss") });
    const held = s.proximal === 0 ? loss : add(loss, proximal(embedding!, bank.own!, s.proximal));
    return {
      loss: held,
      metrics: { accuracy },
      writes: { bank: nextRows(bank.own!, embedding!, s.bankMomentum) },
    };
  },
};
