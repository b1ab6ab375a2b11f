/**
 * RotNet (Gidaris, Singh, Komodakis 2018, arXiv 1803.07728): every picture is shown in four rotations, and which one it is
 * has to be told. Settings are those of gidariss/FeatureLearningRotNet (`CIFAR10_RotNet_NIN4blocks.py`), with a random resized
 * crop where it crops a padded picture.
 */
import { z } from "zod";
import { cropAndFlipView } from "../augment/view-sets.ts";
import { softmaxCrossEntropyWithAccuracy } from "../losses/softmax-cross-entropy.ts";
import { linear } from "../nn/layers.ts";
import { rotations } from "../nn/rotations.ts";
import { linearScaling } from "../optim/schedule.ts";
import { constant } from "../tensor/index.ts";
import type { Method } from "./method.ts";
import { trainingByLength } from "./short-runs.ts";

const ROTATIONS = 4;

const settings = z.strictObject({
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type RotnetSettings = z.infer<typeof settings>;

export const rotnet: Method<RotnetSettings> = {
  name: "rotnet",
  title: "RotNet",
  paper: {
    title: "Unsupervised Representation Learning by Predicting Image Rotations",
    authors: "Gidaris, Singh, Komodakis",
    year: 2018,
    arxiv: "1803.07728",
  },
  idea: "the network classifies how a picture was rotated, for which it must know what is in it",
  settings,
  backbone: "resnet18",
  defaults: () => ({ cropScale: [0.5, 1] }),
  training: trainingByLength((_settings, { batchSize }) => ({
    optimizer: "sgd",
    nesterov: true,
    learningRate: linearScaling(0.1, batchSize, 128),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.3, 0.6, 0.8],
    milestoneFactor: 0.2,
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 5e-4,
    finalWeightDecay: 5e-4,
    decayAll: true,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "picture", views: [cropAndFlipView({ size: imageSize, scale: cropScale })] },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  predictive: true,
  couplesBatch: false,
  collapsedLoss: () => Math.log(ROTATIONS),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse":
      "Lower the learning rate; check that the pictures have an upright side, unlike textures and views from above",
    "loss-not-falling":
      "Check that the pictures have an upright side; lower the learning rate if the loss jumps",
  },
  embed({ scope, backbone, views }) {
    const { features } = backbone.build(scope.at("backbone"), rotations(views.picture!));
    return { logits: linear(scope.at("head"), features, { out: ROTATIONS }) }; // [4B, 4], rotation by rotation
  },
  loss({ logits }, { batchSize }) {
    const turns = Int32Array.from({ length: ROTATIONS * batchSize }, (_, row) => Math.floor(row / batchSize));
    const { loss, accuracy } = softmaxCrossEntropyWithAccuracy(
      logits!,
      constant(turns, [turns.length], "int32"),
    );
    return { loss, metrics: { accuracy } };
  },
};
