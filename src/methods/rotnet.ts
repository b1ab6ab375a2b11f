/**
 * RotNet (Gidaris, Singh, Komodakis 2018, arXiv 1803.07728): every picture is shown in four rotations, and
 * the network classifies the rotation.
 */
import { cropAndFlipView } from "../augment/view-sets.ts";
import { softmaxCrossEntropyWithAccuracy } from "../losses/softmax-cross-entropy.ts";
import { linear } from "../nn/layers.ts";
import { rotations } from "../nn/rotations.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import { constant } from "../tensor/index.ts";
import { type RotnetSettings, rotnetRecipe, rotnetSettings } from "./recipes/rotnet.ts";

const ROTATIONS = 4;

export const rotnet: CatalogueMethod<RotnetSettings> = {
  name: "rotnet",
  title: "RotNet",
  paper: {
    title: "Unsupervised Representation Learning by Predicting Image Rotations",
    authors: "Gidaris, Singh, Komodakis",
    year: 2018,
    arxiv: "1803.07728",
  },
  idea: "the network classifies how a picture was rotated, for which it must know what is in it",
  settings: rotnetSettings,
  ...rotnetRecipe,
  backbone: "resnet18",
  predictive: true,
  collapsedLoss: () => Math.log(ROTATIONS),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse":
      "Lower the learning rate; check that the pictures have an upright side, unlike textures and views from above",
    "loss-not-falling":
      "Check that the pictures have an upright side; lower the learning rate if the loss jumps",
  },
  objective: ({ cropScale }, { imageSize }) => ({
    views: [{ name: "picture", views: [cropAndFlipView({ size: imageSize, scale: cropScale })] }],
    couplesBatch: false,
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), rotations(views.picture!));
      return { logits: linear(scope.at("head"), features, { out: ROTATIONS }) }; // [4B, 4], by rotation
    },
    loss({ logits }, { batchSize }) {
      const rows = ROTATIONS * batchSize;
      const turns = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / batchSize));
      const { loss, accuracy } = softmaxCrossEntropyWithAccuracy(logits!, constant(turns, [rows], "int32"));
      return { loss, metrics: { accuracy } };
    },
  }),
};
