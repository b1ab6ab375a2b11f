/**
 * SimCLR (Chen, Kornblith, Norouzi, Hinton 2020, arXiv 2002.05709): two strong views of each picture, one encoder,
 * a projection head, and NT-Xent over the batch. Settings are those of google-research/simclr `run.py` scaled to small batches,
 * for pictures of up to 64 pixels those of its README's command for CIFAR-10 and of appendix B.9; the head has two layers as in
 * the paper (the repository's default is three).
 */
import { z } from "zod";
import { simclrViews } from "../augment/view-sets.ts";
import { ntXentWithAccuracy } from "../losses/nt-xent.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { linearScaling, squareRootScaling } from "../optim/schedule.ts";
import { split } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { contrastedCrop, settingsByLength, trainingByLength } from "./short-runs.ts";
import { viewSize } from "./view-size.ts";

export const simclrSettings = z.strictObject({
  temperature: z.number().positive().describe("softmax temperature of NT-Xent"),
  decoupled: z
    .boolean()
    .default(false)
    .describe("whether a positive pair is left out of its own denominator (DCL)"),
  projectionLayers: z.int().min(1).max(4).describe("linear layers of the projection head"),
  projectionWidth: z
    .int()
    .positive()
    .nullable()
    .describe("hidden width of the head; null is the encoder's width"),
  projectionOut: z.int().positive().describe("size of the embedding"),
  projectionNorm: z.boolean().describe("whether the head has batch norm"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
  blur: z.boolean().describe("whether half of the views are blurred"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
  viewScale: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("side of the training views, as a share of the image size"),
});
export type SimclrSettings = z.infer<typeof simclrSettings>;

export const simclr: Method<SimclrSettings> = {
  name: "simclr",
  title: "SimCLR",
  paper: {
    title: "A Simple Framework for Contrastive Learning of Visual Representations",
    authors: "Chen, Kornblith, Norouzi, Hinton",
    year: 2020,
    arxiv: "2002.05709",
  },
  idea: "two views of a picture attract each other, all other pictures of the batch repel them",
  settings: simclrSettings,
  backbone: "resnet18",
  backboneOptions: { zeroInit: true },
  defaults: settingsByLength<SimclrSettings>(
    ({ imageSize, features }) => ({
      temperature: imageSize <= 64 ? 0.5 : 0.1,
      decoupled: false,
      projectionLayers: 2,
      projectionWidth: features,
      projectionOut: 128,
      projectionNorm: true,
      colourStrength: imageSize <= 64 ? 0.5 : 1,
      blur: imageSize > 64,
      cropScale: [0.08, 1],
      viewScale: 1,
    }),
    // A head wider than the features lets them keep more of what the embedding has no use for.
    (situation) => ({
      cropScale: contrastedCrop(situation),
      temperature: 0.1,
      projectionWidth: Math.min(2048, 4 * situation.features),
      projectionOut: Math.min(2048, 4 * situation.features),
      // A step costs half, so that there are twice as many in the same time (quality/README.md has figures).
      viewScale: situation.family === "resnet" ? 0.67 : 1,
    }),
  ),
  // Linear from 1 for CIFAR; else 0.075·√B (run.py, learning_rate_scaling = "sqrt"), which the authors advise for batches smaller
  // than theirs of 4,096, where it meets the linear rule.
  training: trainingByLength((_settings, { batchSize, epochs, imageSize }) => ({
    optimizer: "lars",
    learningRate: imageSize <= 64 ? linearScaling(1, batchSize) : squareRootScaling(0.075, batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    clip: null,
  })),
  views: ({ colourStrength, blur, cropScale, viewScale }, situation) => {
    const size = viewSize(situation, viewScale);
    return [{ name: "pair", views: simclrViews({ size, strength: colourStrength, blur, scale: cropScale }) }];
  },
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  collapsedLoss: ({ decoupled }, batchSize) => Math.log(2 * batchSize - (decoupled ? 2 : 1)),
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; use larger batches, which have more negatives",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.2), and then the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; crop and jitter less",
  },
  embed({ settings, scope, backbone, views }) {
    const { features } = backbone.build(scope.at("backbone"), views.pair!); // [2B, D]
    const pair = projectionHead(scope.at("head"), features, {
      layers: settings.projectionLayers,
      width: settings.projectionWidth ?? features.shape[1]!,
      out: settings.projectionOut,
      norm: settings.projectionNorm,
      lastAffine: "scale",
    });
    return { pair };
  },
  loss({ pair }, { settings, batchSize }) {
    const [first, second] = split(pair!, 0, [batchSize, batchSize]);
    const { temperature, decoupled } = settings;
    const { loss, accuracy } = ntXentWithAccuracy(first!, second!, { temperature, decoupled });
    return { loss, metrics: { accuracy } };
  },
};
