/**
 * SimMIM (Xie, Zhang, Cao, Lin, Bao, Yao, Dai, Hu 2021, arXiv 2111.09886): patches are hidden in blocks behind a learned
 * token, the encoder sees all places, and one linear layer foretells the hidden pixels. Settings are those of microsoft/SimMIM
 * `config.py` and `configs/vit_base__800ep`, with blocks scaled to the size of the pictures.
 */
import { z } from "zod";
import { simmimViews } from "../augment/view-sets.ts";
import { meanOfPatches } from "../backbones/mean-of-patches.ts";
import { AfterimageError } from "../errors.ts";
import { simmimLoss } from "../losses/masked-reconstruction.ts";
import { patchify } from "../losses/patchify.ts";
import { truncatedNormal } from "../nn/initializers.ts";
import { linear } from "../nn/layers.ts";
import { pixelShuffle } from "../nn/pixel-shuffle.ts";
import { linearScaling } from "../optim/schedule.ts";
import type { RandomStream } from "../random/random-stream.ts";
import { reshape } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Method, Situation } from "./method.ts";
import { gridSide } from "./patch-grid.ts";
import { reconstruction } from "./reconstruction.ts";
import { trainingByLength } from "./short-runs.ts";

const settings = z.strictObject({
  maskRatio: z.number().positive().max(1).describe("share of hidden blocks"),
  maskUnit: z.int().positive().describe("side of a block, in pixels; a block is hidden as a whole"),
  feature: z
    .enum(["class", "mean"])
    .describe("feature of a picture: its class token, or the mean of its patches"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type SimmimSettings = z.infer<typeof settings>;

export const simmim: Method<SimmimSettings> = {
  name: "simmim",
  title: "SimMIM",
  paper: {
    title: "SimMIM: A Simple Framework for Masked Image Modeling",
    authors: "Xie, Zhang, Cao, Lin, Bao, Yao, Dai, Hu",
    year: 2021,
    arxiv: "2111.09886",
  },
  idea: "a learned token replaces blocks of a picture, and one linear layer predicts their pixels",
  settings,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", init: "simmim" },
  defaults: (situation) => ({
    maskRatio: 0.6,
    maskUnit: maskUnitFor(situation),
    feature: "mean",
    cropScale: [0.67, 1],
  }),
  training: trainingByLength((_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 4e-3, 1e-4), batchSize, 512),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.875],
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    clip: 5,
  })),
  views({ cropScale, maskUnit }, situation) {
    requireWholeUnits(maskUnit, situation);
    return [{ name: "picture", views: simmimViews({ size: situation.imageSize, scale: cropScale }) }];
  },
  scalars: () => ({}),
  draws: ({ maskUnit, maskRatio }, situation) => [
    {
      name: "hidden",
      stage: "embed",
      per: "picture",
      dtype: "float32",
      shape: (pictures) => [pictures, gridSide(situation) ** 2],
      fill: (out, random) => hideBlocks(out, random, maskUnit / situation.multipleOf, maskRatio),
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
    // 231 emoji at 32 pixels: after 60 steps of 128 the loss is 1.05, at a quarter of the rate too; after 240 of 32 it is .84.
    "collapsed-features":
      "In its first hundreds of steps SimMIM learns only the mean colour: train for more epochs or with smaller batches; " +
      "then lower the learning rate or lengthen its warm-up; lower maskRatio",
    "loss-at-collapse": "Lower the learning rate or lengthen its warm-up",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; lower maskUnit, which hides smaller blocks",
  },
  embed: predict,
  loss({ prediction, pictures, hidden }) {
    const [b, count] = hidden!.shape as [number, number];
    const mask = reshape(hidden!, [b, Math.sqrt(count), Math.sqrt(count)]);
    return { loss: simmimLoss({ prediction: prediction!, pictures: pictures!, mask }), metrics: {} };
  },
  reconstruct(context) {
    const { prediction, pictures, hidden } = predict(context);
    return reconstruction(pictures, patchify(prediction, context.backbone.multipleOf), hidden);
  },
};

/** The pictures that are foretold, those that are there, both `[B, 3, S, S]`, and which patches were hidden, `[B, N]`. */
function predict({ scope, backbone, views, draws }: EmbedContext<SimmimSettings>) {
  const pictures = views.picture!;
  const hidden = draws.hidden!;
  const decoder = scope.at("decoder");
  const free = { decays: false };
  const token = decoder.parameter("mask_token", [1, 1, backbone.features], truncatedNormal(0.02, 0.02), free);
  const { patches } = backbone.build(scope.at("backbone"), pictures, { masked: { where: hidden, token } });
  const size = backbone.multipleOf;
  const values = linear(decoder.at(0), patches!, { out: pictures.shape[1]! * size ** 2 }); // [B, N, 3·p·p]
  return { prediction: pixelShuffle(values, size), pictures, hidden };
}

/** Hides a share of blocks of `unit` × `unit` patches: 1 for their patches, 0 elsewhere (`MaskGenerator` of the authors). */
export function hideBlocks(
  out: Float32Array | Int32Array,
  random: RandomStream,
  unit: number,
  ratio: number,
) {
  const side = Math.sqrt(out.length);
  const blocks = side / unit;
  const order = random.permutation(blocks ** 2);
  for (const block of order.slice(0, Math.ceil(ratio * blocks ** 2))) {
    const [top, left] = [Math.floor(block / blocks) * unit, (block % blocks) * unit];
    for (let row = top; row < top + unit; row++) out.fill(1, row * side + left, row * side + left + unit);
  }
}

/** The smallest block of at least a seventh of the side, as 32 of 224 pixels, with three or more in a row. */
function maskUnitFor(situation: Situation): number {
  const { imageSize, multipleOf } = situation;
  const side = gridSide(situation);
  const units = Array.from({ length: side }, (_, i) => i + 1).filter((n) => side % n === 0 && side / n >= 3);
  return multipleOf * (units.find((unit) => unit * multipleOf * 7 >= imageSize) ?? units.at(-1) ?? 1);
}

function requireWholeUnits(maskUnit: number, { imageSize, multipleOf }: Situation): void {
  if (maskUnit % multipleOf === 0 && imageSize % maskUnit === 0) return;
  throw new AfterimageError("method/settings", {
    what: "blocks of this size do not divide the picture into whole patches",
    where: "--set maskUnit",
    expected: `a multiple of the patch, ${multipleOf} pixels, that divides the image size, ${imageSize}`,
    got: `${maskUnit}`,
    todo: "Leave it out, or choose another size of blocks, patches or pictures.",
  });
}
