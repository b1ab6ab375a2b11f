/**
 * The invariant and spreading instance feature (Ye, Zhang, Yuen, Chang 2019, arXiv 1904.03436): two views of a picture are
 * alike, and all other pictures of the batch are pushed away twice over. Settings are those of
 * mangye16/Unsupervised_Embedding_Learning, `demo_seen.py`.
 */
import { z } from "zod";
import { mocoV1Views } from "../augment/view-sets.ts";
import { invariantSpreadWithTerms } from "../losses/invariant-spread.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { linearScaling } from "../optim/schedule.ts";
import { split } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  projectionOut: z.int().positive().describe("size of the embeddings"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type InvaspreadSettings = z.infer<typeof settings>;

export const invaspread: Method<InvaspreadSettings> = {
  name: "invaspread",
  title: "InvaSpread",
  paper: {
    title: "Unsupervised Embedding Learning via Invariant and Spreading Instance Feature",
    authors: "Ye, Zhang, Yuen, Chang",
    year: 2019,
    arxiv: "1904.03436",
  },
  idea: "two views of a picture attract; each other picture of the batch is pushed away separately",
  settings,
  backbone: "resnet18",
  defaults: settingsByLength(
    () => ({ temperature: 0.1, projectionOut: 128, cropScale: [0.2, 1] }),
    () => ({ cropScale: [0.5, 1] }),
  ),
  // To .1 and .01 of the rate, after 120 and 200 of the authors' 301 epochs. As it runs, their code falls to .1 alone: its
  // branches for 160 (.05) and 200 epochs (.01) are `elif` after `epoch >= 120`, and never reached.
  training: trainingByLength((_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.06, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.4, 0.66],
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 5e-4,
    finalWeightDecay: 5e-4,
    decayAll: true,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "pair", views: mocoV1Views({ size: imageSize, scale: cropScale }) },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
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
  embed({ settings: s, scope, backbone, views }) {
    const { features } = backbone.build(scope.at("backbone"), views.pair!);
    const width = features.shape[1]!;
    const pair = projectionHead(scope.at("head"), features, {
      ...{ layers: 1, width, out: s.projectionOut, norm: false },
    });
    return { pair }; // [2B, D]
  },
  loss({ pair }, { settings: { temperature }, batchSize }) {
    const [first, second] = split(pair!, 0, [batchSize, batchSize]);
    const { loss, invariance, spread } = invariantSpreadWithTerms(first!, second!, { temperature });
    return { loss, metrics: { invariance, spread } };
  },
};
