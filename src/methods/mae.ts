/**
 * MAE (He, Chen, Xie, Li, Dollár, Girshick 2021, arXiv 2111.06377): three quarters of a picture's patches are hidden, the
 * encoder sees the rest alone, and a small decoder foretells the pixels of the hidden ones. Settings are those of
 * facebookresearch/mae `main_pretrain.py` and `PRETRAIN.md`; the decoder's size follows the encoder's.
 */
import { z } from "zod";
import { maeViews } from "../augment/view-sets.ts";
import { meanOfPatches } from "../backbones/mean-of-patches.ts";
import { maeLoss } from "../losses/masked-reconstruction.ts";
import { denormalizePatches } from "../losses/normalize-patches.ts";
import { patchify } from "../losses/patchify.ts";
import { maeDecoder } from "../nn/mae-decoder.ts";
import { narrowTransformer } from "../nn/narrow-transformer.ts";
import { linearScaling } from "../optim/schedule.ts";
import { cast, greaterEqual, reshape, sliceAxis, split } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method } from "./method.ts";
import { writeOrderAndInverse } from "./order-and-inverse.ts";
import { gridSide } from "./patch-grid.ts";
import { reconstruction } from "./reconstruction.ts";
import { trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  maskRatio: z.number().positive().lt(1).describe("share of hidden patches"),
  normalizePixels: z.boolean().describe("whether each target patch is normalised to mean 0 and deviation 1"),
  decoderWidth: z
    .int()
    .positive()
    .multipleOf(4)
    .nullable()
    .describe("width of the decoder's tokens; null is two thirds of the encoder's"),
  decoderDepth: z.int().positive().describe("blocks of the decoder"),
  decoderHeads: z
    .int()
    .positive()
    .nullable()
    .describe("attention heads of the decoder; null is one for each 32 of its width"),
  feature: z
    .enum(["class", "mean"])
    .describe("feature of a picture: its class token, or the mean of its patches"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type MaeSettings = z.infer<typeof settings>;

export const mae: Method<MaeSettings> = {
  name: "mae",
  title: "MAE",
  paper: {
    title: "Masked Autoencoders Are Scalable Vision Learners",
    authors: "He, Chen, Xie, Li, Dollár, Girshick",
    year: 2021,
    arxiv: "2111.06377",
  },
  idea: "most patches are hidden from the encoder, and a small decoder predicts their pixels from the others",
  settings,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", dropPath: 0, init: "mae" },
  defaults: () => ({
    maskRatio: 0.75,
    normalizePixels: true,
    decoderWidth: null,
    decoderDepth: 4,
    decoderHeads: null,
    feature: "mean",
    cropScale: [0.2, 1],
  }),
  training: trainingByLength((_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 2e-3, 1.5e-4), batchSize),
    finalLearningRate: 0,
    warmupEpochs: Math.min(40, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    beta2: 0.95,
    clip: null,
  })),
  views({ cropScale }, situation) {
    gridSide(situation); // refuses a picture of one patch
    return [{ name: "picture", views: maeViews({ size: situation.imageSize, scale: cropScale }) }];
  },
  scalars: () => ({}),
  draws: (_settings, situation) => [
    {
      name: "order",
      stage: "embed",
      per: "picture",
      dtype: "int32",
      shape: (pictures) => [pictures, 2, gridSide(situation) ** 2],
      fill: writeOrderAndInverse,
    },
  ],
  encoder: "student",
  hasTeacher: false,
  gates: [],
  predictive: true,
  couplesBatch: false,
  encoderOf: (backbone, { feature }) => (feature === "mean" ? meanOfPatches(backbone) : backbone),
  collapsedLoss: () => null,
  advice: {
    "collapsed-features":
      "Lower the learning rate or lengthen its warm-up; lower maskRatio, which hides fewer patches",
    "loss-at-collapse": "Lower the learning rate or lengthen its warm-up",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; train for longer, because MAE learns slowly",
  },
  embed: predict,
  loss: ({ prediction, pictures, hidden }, { settings: { normalizePixels } }) => ({
    loss: maeLoss({
      prediction: prediction!,
      pictures: pictures!,
      mask: hidden!,
      patchSize: Math.sqrt(prediction!.shape[2]! / 3),
      normalize: normalizePixels,
    }),
    metrics: {},
  }),
  reconstruct(context) {
    const { prediction, pictures, hidden } = predict(context);
    const pixels = patchify(pictures, context.backbone.multipleOf);
    const { normalizePixels } = context.settings;
    const patches = normalizePixels ? denormalizePatches(prediction, pixels) : prediction;
    return reconstruction(pictures, patches, hidden);
  },
};

/** What is foretold of all patches `[B, N, p·p·3]`, the pictures, and which patches were hidden, `[B, N]`. */
function predict({ settings: s, scope, backbone, views, draws }: EmbedContext<MaeSettings>) {
  const pictures = views.picture!;
  const [b, , count] = draws.order!.shape as [number, number, number];
  const [order, places] = split(draws.order!, 1, [1, 1]).map((row) => reshape(row, [b, count]));
  const seen = Math.min(count - 1, Math.max(1, Math.floor(count * (1 - s.maskRatio))));
  const visible = sliceAxis(order!, 1, 0, seen);
  const { tokens } = backbone.build(scope.at("backbone"), pictures, { visible });
  const narrow = narrowTransformer({
    of: backbone.features,
    share: 2 / 3,
    width: s.decoderWidth,
    heads: s.decoderHeads,
  });
  const inputs = { tokens: tokens!, visible: seen, places: places! };
  const out = pictures.shape[1]! * backbone.multipleOf ** 2;
  const prediction = maeDecoder(scope.at("decoder"), inputs, { ...narrow, depth: s.decoderDepth, out });
  return { prediction, pictures, hidden: cast(greaterEqual(places!, seen), "float32") };
}
