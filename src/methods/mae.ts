/**
 * MAE (He, Chen, Xie, Li, Dollár, Girshick 2021, arXiv 2111.06377): three quarters of a picture's patches are
 * hidden, the encoder sees only the others, and a small decoder predicts the pixels of the hidden ones.
 */
import { maeViews } from "../augment/view-sets.ts";
import { meanOfPatches } from "../backbones/mean-of-patches.ts";
import { maeLoss } from "../losses/masked-reconstruction.ts";
import { denormalizePatches } from "../losses/normalize-patches.ts";
import { patchify } from "../losses/patchify.ts";
import { maeDecoder } from "../nn/mae-decoder.ts";
import { narrowTransformer } from "../nn/narrow-transformer.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { EmbedContext } from "../objectives/objective.ts";
import { reconstruction } from "../objectives/reconstruction.ts";
import { cast, greaterEqual, reshape, sliceAxis, split } from "../tensor/index.ts";
import { patchOrder } from "./parts/order-and-inverse.ts";
import { gridSide } from "./parts/patch-grid.ts";
import { type MaeSettings, maeRecipe, maeSettings } from "./recipes/mae.ts";

export const mae: CatalogueMethod<MaeSettings> = {
  name: "mae",
  title: "MAE",
  paper: {
    title: "Masked Autoencoders Are Scalable Vision Learners",
    authors: "He, Chen, Xie, Li, Dollár, Girshick",
    year: 2021,
    arxiv: "2111.06377",
  },
  idea: "most patches are hidden from the encoder, and a small decoder predicts their pixels from the others",
  settings: maeSettings,
  ...maeRecipe,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", dropPath: 0, init: "mae" },
  predictive: true,
  encoderOf: (backbone, { feature }) => (feature === "mean" ? meanOfPatches(backbone) : backbone),
  collapsedLoss: () => null,
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; lower maskRatio, which hides fewer patches",
    "loss-at-collapse": "Lower the learning rate or lengthen its warm-up",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; train for longer, because MAE learns slowly",
  },
  objective: (settings, situation) => ({
    views: [{ name: "picture", views: maeViews({ size: situation.imageSize, scale: settings.cropScale }) }],
    draws: [patchOrder(gridSide(situation) ** 2)],
    couplesBatch: false,
    embed: (context) => predict(context, settings),
    loss: ({ prediction, pictures, hidden }) => ({
      loss: maeLoss({
        prediction: prediction!,
        pictures: pictures!,
        mask: hidden!,
        patchSize: Math.sqrt(prediction!.shape[2]! / 3),
        normalize: settings.normalizePixels,
      }),
    }),
    reconstruct(context) {
      const { prediction, pictures, hidden } = predict(context, settings);
      const pixels = patchify(pictures, context.backbone.multipleOf);
      const patches = settings.normalizePixels ? denormalizePatches(prediction, pixels) : prediction;
      return reconstruction(pictures, patches, hidden);
    },
  }),
};

/** The prediction for all patches `[B, N, p·p·3]`, the pictures, and which patches were hidden, `[B, N]`. */
function predict({ scope, backbone, views, draws }: EmbedContext, settings: MaeSettings) {
  const { maskRatio, decoderWidth: width, decoderHeads: heads, decoderDepth: depth } = settings;
  const pictures = views.picture!;
  const [b, , count] = draws.order!.shape as [number, number, number];
  const [order, places] = split(draws.order!, 1, [1, 1]).map((row) => reshape(row, [b, count]));
  const seen = Math.min(count - 1, Math.max(1, Math.floor(count * (1 - maskRatio))));
  const visible = sliceAxis(order!, 1, 0, seen);
  const { tokens } = backbone.build(scope.at("backbone"), pictures, { visible });
  const narrow = narrowTransformer({ of: backbone.features, share: 2 / 3, width, heads });
  const inputs = { tokens: tokens!, visible: seen, places: places! };
  const out = pictures.shape[1]! * backbone.multipleOf ** 2;
  const prediction = maeDecoder(scope.at("decoder"), inputs, { ...narrow, depth, out });
  return { prediction, pictures, hidden: cast(greaterEqual(places!, seen), "float32") };
}
