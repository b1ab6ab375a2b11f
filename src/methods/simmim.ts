/**
 * SimMIM (Xie, Zhang, Cao, Lin, Bao, Yao, Dai, Hu 2021, arXiv 2111.09886): a learned token hides patches in
 * blocks, the encoder sees all places, and one linear layer predicts the hidden pixels.
 */
import { simmimViews } from "../augment/view-sets.ts";
import { meanOfPatches } from "../backbones/mean-of-patches.ts";
import { simmimLoss } from "../losses/masked-reconstruction.ts";
import { patchify } from "../losses/patchify.ts";
import { truncatedNormal } from "../nn/initializers.ts";
import { joinPatches } from "../nn/join-patches.ts";
import { linear } from "../nn/layers.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext } from "../objectives/objective.ts";
import { reconstruction } from "../objectives/reconstruction.ts";
import { reshape } from "../tensor/index.ts";
import { hiddenBlocksDraw } from "./parts/hidden-blocks.ts";
import { type SimmimSettings, simmimRecipe, simmimSettings } from "./recipes/simmim.ts";

export const simmim: CatalogueMethod<SimmimSettings> = {
  name: "simmim",
  title: "SimMIM",
  paper: {
    title: "SimMIM: A Simple Framework for Masked Image Modeling",
    authors: "Xie, Zhang, Cao, Lin, Bao, Yao, Dai, Hu",
    year: 2021,
    arxiv: "2111.09886",
  },
  idea: "a learned token replaces blocks of a picture, and one linear layer predicts their pixels",
  settings: simmimSettings,
  ...simmimRecipe,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", init: "simmim" },
  predictive: true,
  encoderOf: (backbone, { feature }) => (feature === "mean" ? meanOfPatches(backbone) : backbone),
  collapsedLoss: () => null,
  advice: {
    // On 231 emoji at 32 pixels, the loss is 1.05 after 60 steps of 128 pictures, also at a quarter of the
    // learning rate. After 240 steps of 32 pictures it is .84.
    "collapsed-features":
      "In its first hundreds of steps SimMIM learns only the mean colour: train for more epochs or with smaller batches; " +
      "then lower the learning rate or lengthen its warm-up; lower maskRatio",
    "loss-at-collapse": "Lower the learning rate or lengthen its warm-up",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; lower maskUnit, which hides smaller blocks",
  },
  objective: (settings, situation) => ({
    views: [
      { name: "picture", views: simmimViews({ size: situation.imageSize, scale: settings.cropScale }) },
    ],
    draws: [hiddenBlocksDraw(settings, situation)],
    couplesBatch: false,
    embed: predict,
    loss({ prediction, pictures, hidden }) {
      const [b, count] = hidden!.shape as [number, number];
      const mask = reshape(hidden!, [b, Math.sqrt(count), Math.sqrt(count)]);
      return { loss: simmimLoss({ prediction: prediction!, pictures: pictures!, mask }) };
    },
    reconstruct(context) {
      const { prediction, pictures, hidden } = predict(context);
      return reconstruction(pictures, patchify(prediction, context.backbone.multipleOf), hidden);
    },
  }),
};

/** The predicted pictures and the true ones, both `[B, 3, S, S]`, and which patches were hidden, `[B, N]`. */
function predict({ scope, backbone, views, draws }: EmbedContext) {
  const pictures = views.picture!;
  const hidden = draws.hidden!;
  const decoder = scope.at("decoder");
  const free = { decays: false };
  const token = decoder.parameter("mask_token", [1, 1, backbone.features], truncatedNormal(0.02, 0.02), free);
  const { patches } = backbone.build(scope.at("backbone"), pictures, { masked: { where: hidden, token } });
  const size = backbone.multipleOf;
  const values = linear(decoder.at(0), patches!, { out: pictures.shape[1]! * size ** 2 }); // [B, N, 3·p·p]
  return { prediction: joinPatches(values, size), pictures, hidden };
}
