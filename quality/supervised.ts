/** Training with labels, as a measure of what the backbone can learn from these pictures in the same time. */
import { NORMALIZATION, type ViewSpec } from "afterimage/augment";
import { softmaxCrossEntropy } from "afterimage/losses";
import { classTarget, type Method } from "afterimage/methods";
import { linear } from "afterimage/nn";

/** Crops and mirror images. Colours stay, because they distinguish flags and food. */
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

/** A linear classifier on the backbone. Both are trained with the classes of a data set. */
export function supervised(classes: number): Method {
  return {
    name: "supervised",
    title: "Supervised",
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
    collapsedLoss: () => Math.log(classes),
    objective: (_settings, { imageSize }) => ({
      views: [{ name: "one", views: [viewOf(imageSize)] }],
      targets: [classTarget()],
      couplesBatch: false,
      embed({ scope, backbone, views }) {
        const { features } = backbone.build(scope.at("backbone"), views.one!); // [B, D]
        return { logits: linear(scope.at("head"), features, { out: classes }) };
      },
      loss: ({ logits }, { targets }) => ({ loss: softmaxCrossEntropy(logits!, targets.label!) }),
    }),
  };
}
