/**
 * NNCLR (Dwibedi, Aytar, Tompson, Sermanet, Zisserman 2021, arXiv 2104.14548): the positive of a view is the nearest
 * neighbour of the other one in a queue of earlier embeddings, so that pictures attract each other too. There is no code of the
 * authors; settings are the paper's (section 4.1), the temperature for small data sets solo-learn's, rates by SimCLR's rule.
 */
import { z } from "zod";
import { simclrViews } from "../augment/view-sets.ts";
import { symmetricInfoNceWithAccuracy } from "../losses/symmetric-info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { inSubBatches } from "../nn/sub-batches.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import { squareRootScaling } from "../optim/schedule.ts";
import { add, argmax, gather, matmul, mul, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  temperature: z.number().positive().describe("divides the cosines"),
  queue: z.int().positive().describe("embeddings of earlier steps in which neighbours are searched"),
  headWidth: z.int().positive().describe("hidden width of the head, which has three layers"),
  projectionOut: z.int().positive().describe("size of the embeddings"),
  predictorWidth: z.int().positive().describe("hidden width of the predictor, which has two layers"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type NnclrSettings = z.infer<typeof settings>;

export const nnclr: Method<NnclrSettings> = {
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
  settings,
  backbone: "resnet18",
  defaults: settingsByLength(
    ({ pictures, imageSize }) => ({
      temperature: bySize(pictures, 0.2, 0.1),
      queue: 2 ** Math.min(16, Math.max(1, Math.floor(Math.log2(pictures / 2)))),
      headWidth: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
      projectionOut: 256,
      predictorWidth: bySize(pictures, 0, 1) < 0.5 ? 1024 : 4096,
      colourStrength: imageSize <= 64 ? 0.5 : 1,
      cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
    }),
    () => ({ cropScale: [0.5, 1] }),
  ),
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "lars",
    learningRate: squareRootScaling(0.075, batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-6,
    finalWeightDecay: 1e-6,
    clip: null,
  })),
  views: ({ colourStrength, cropScale }, { imageSize }) => [
    { name: "pair", views: simclrViews({ size: imageSize, strength: colourStrength, scale: cropScale }) },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  memories: (s) => [
    { kind: "queue", name: "queue", rows: s.queue, width: s.projectionOut, initial: unitSphere },
  ],
  collapsedLoss: (_settings, batchSize) => Math.log(batchSize),
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; use larger batches, which have more negatives",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.2), and then the learning rate",
    "loss-not-falling":
      "Shorten the queue in short runs, so that it contains embeddings of the current encoder",
  },
  embed({ settings: s, scope, backbone, views }) {
    // One view after the other, so that batch norm sees each by itself.
    const projection = inSubBatches(views.pair!, 2, (view) => {
      const { features } = backbone.build(scope.at("backbone"), view);
      return projectionHead(scope.at("head"), features, {
        ...{ layers: 3, width: s.headWidth, out: s.projectionOut },
      });
    });
    const prediction = inSubBatches(projection, 2, (view) =>
      projectionHead(scope.at("predictor"), view, {
        ...{ layers: 2, width: s.predictorWidth, out: s.projectionOut, lastNorm: false },
      }),
    );
    return { projection, prediction }; // [2B, D] each
  },
  loss({ projection, prediction }, { settings: { temperature }, batchSize: b, memories }) {
    const [first, second] = split(l2Normalize(projection!), 0, [b, b]) as [Tensor, Tensor];
    const [forFirst, forSecond] = split(prediction!, 0, [b, b]) as [Tensor, Tensor];
    const { rows } = memories.queue!;
    const one = symmetricInfoNceWithAccuracy(nearestOf(first, rows), forSecond, { temperature });
    const other = symmetricInfoNceWithAccuracy(nearestOf(second, rows), forFirst, { temperature });
    const half = (name: "loss" | "accuracy") => mul(add(one[name], other[name]), 0.5);
    return { loss: half("loss"), metrics: { accuracy: half("accuracy") }, writes: { queue: first } };
  },
};

/** For each of the unit rows `[B, D]` the nearest of `[Q, D]`; no gradient passes. */
function nearestOf(rows: Tensor, queue: Tensor): Tensor {
  return gather(stopGradient(queue), argmax(matmul(stopGradient(rows), queue, { transposeB: true }), 1));
}
