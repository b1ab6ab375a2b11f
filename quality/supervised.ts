/**
 * Training with labels, as a method's record outside of the list: the yardstick of what this backbone can learn from these
 * pictures in the same time. Labels come to the loss as a draw, which is told each picture's place in the data set.
 */
import { NORMALIZATION, type ViewSpec } from "afterimage/augment";
import { softmaxCrossEntropy } from "afterimage/losses";
import type { Method } from "afterimage/methods";
import { linear } from "afterimage/nn";
import { z } from "zod";

/** Crops and mirror images; colours stay, since they tell flags and food apart. */
function viewOf(size: number): ViewSpec {
  return {
    name: "view",
    size,
    crop: { scale: [0.4, 1], ratio: [3 / 4, 4 / 3], interpolation: "bilinear" },
    flip: 0.5,
    jitter: null,
    greyscale: 0,
    blur: null,
    solarize: null,
    normalize: NORMALIZATION,
  };
}

/** @param labels one a picture of the data set that is trained on. */
export function supervised(labels: Int32Array, classes: number): Method {
  const advice = "Lower the learning rate or lengthen its warm-up";
  return {
    name: "supervised",
    title: "Supervised",
    paper: {
      title: "Deep Residual Learning for Image Recognition",
      authors: "He, Zhang, Ren, Sun",
      year: 2015,
      arxiv: "1512.03385",
    },
    idea: "a linear classifier on the backbone, both trained with labels",
    settings: z.strictObject({}),
    backbone: "resnet18",
    defaults: () => ({}),
    training: (_settings, { family, epochs }) => ({
      optimizer: "adamw",
      learningRate: family === "resnet" ? 3e-3 : 1e-3,
      finalLearningRate: 0,
      warmupEpochs: epochs * 0.1,
      inclusiveWarmup: false,
      weightDecay: 0.05,
      finalWeightDecay: 0.05,
      clip: null,
    }),
    views: (_settings, { imageSize }) => [{ name: "one", views: [viewOf(imageSize)] }],
    scalars: () => ({}),
    encoder: "student",
    hasTeacher: false,
    gates: [],
    draws: () => [
      {
        name: "label",
        stage: "loss",
        per: "picture",
        dtype: "int32",
        shape: (pictures) => [pictures],
        fill: (out, _random, picture) => out.fill(labels[picture]!),
      },
    ],
    couplesBatch: false,
    collapsedLoss: () => Math.log(classes),
    advice: { "collapsed-features": advice, "loss-at-collapse": advice, "loss-not-falling": advice },
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.one!); // [B, D]
      return { logits: linear(scope.at("head"), features, { out: classes }) };
    },
    loss: ({ logits }, { draws }) => ({ loss: softmaxCrossEntropy(logits!, draws.label!), metrics: {} }),
  };
}
