/**
 * CPC on pictures (van den Oord, Li, Vinyals 2018, arXiv 1807.03748, section 3.2): from the rows of patches above, the patches
 * of rows below are told from all others. The form of the context network and of the predictions, the normalisation within a
 * picture and the noise on single patches are those of CPC v2 (Hénaff et al. 2019, arXiv 1905.09272, sections 2 and A.2).
 */
import { z } from "zod";
import { augmentPatches, drawPatchParameters, PATCH_PARAMETERS } from "../augment/augment-patches.ts";
import { cropAndFlipView } from "../augment/view-sets.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { AfterimageError } from "../errors.ts";
import { predictiveCodingWithAccuracy } from "../losses/predictive-coding.ts";
import { gru } from "../nn/gru.ts";
import { linear } from "../nn/layers.ts";
import { overlappingPatches, type PatchGrid } from "../nn/overlapping-patches.ts";
import { predictAhead } from "../nn/predict-ahead.ts";
import { rowContext } from "../nn/row-context.ts";
import type { Scope } from "../nn/scope.ts";
import { squareRootScaling } from "../optim/schedule.ts";
import { mean, reshape, type Tensor, transpose } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { Method } from "./method.ts";
import { trainingByLength } from "./short-runs.ts";

const settings = z
  .strictObject({
    grid: z.int().min(2).describe("patches along a side of the picture, from border to border"),
    patch: z.int().positive().describe("side of a patch, in pixels; each patch is encoded separately"),
    nearest: z.int().positive().describe("distance of the first prediction, in rows"),
    farthest: z.int().positive().describe("distance of the last prediction, in rows"),
    context: z
      .enum(["rows", "gru"])
      .describe("masked convolutions over the rows above, or a GRU down each column"),
    contextLayers: z.int().positive().describe("blocks of masked convolutions"),
    contextWidth: z.int().positive().describe("channels in these blocks, or size of the GRU's state"),
    targetWidth: z.int().positive().describe("size of predictions and targets"),
    cosine: z
      .boolean()
      .describe("whether predictions and targets are compared by cosine, not by dot product"),
    temperature: z
      .number()
      .positive()
      .describe("divides the similarities: about 0.1 for cosines, 10 for dot products"),
    dropColour: z.number().min(0).max(1).describe("probability that a patch keeps one of its three colours"),
    flipPatches: z.number().min(0).max(1).describe("probability that a patch is mirrored separately"),
    greyscale: z.number().min(0).max(1).describe("probability that the picture becomes grey"),
    cropScale: z
      .tuple([z.number().positive(), z.number().max(1)])
      .describe("area of the crop, as a share of the picture"),
  })
  .refine(({ nearest, farthest }) => nearest <= farthest, {
    path: ["farthest"],
    message: "must be nearest or more",
  })
  .refine(({ farthest, grid }) => farthest < grid, { path: ["farthest"], message: "must be less than grid" });
export type CpcSettings = z.infer<typeof settings>;

/** Patches along a side. Of smaller pictures fewer: a patch of a few pixels holds nothing to predict. */
function gridFor(imageSize: number): number {
  return imageSize < 48 ? 5 : 7;
}

export const cpc: Method<CpcSettings> = {
  name: "cpc",
  title: "CPC",
  paper: {
    title: "Representation Learning with Contrastive Predictive Coding",
    authors: "van den Oord, Li, Vinyals",
    year: 2018,
    arxiv: "1807.03748",
  },
  idea: "from the patches above, the network predicts patches further down, among all patches of the batch",
  settings,
  backbone: "resnet18",
  // Batch norm would let patches of a picture know each other by their statistics (CPC v2, section 2.1).
  backboneOptions: { norm: "layer" },
  defaults: ({ imageSize, multipleOf, pictures }) => ({
    grid: gridFor(imageSize),
    patch: multipleOf * Math.max(1, Math.floor((2 * imageSize) / (gridFor(imageSize) + 1) / multipleOf)), // half of it overlaps, no more
    nearest: imageSize < 48 ? 2 : 3,
    farthest: imageSize < 48 ? 3 : 5,
    context: "rows",
    contextLayers: bySize(pictures, 0, 1) < 0.5 ? 3 : 5,
    contextWidth: bySize(pictures, 0, 1) < 0.5 ? 128 : 256,
    targetWidth: 64,
    cosine: true,
    temperature: 0.1,
    dropColour: 0.5,
    flipPatches: 0.5,
    greyscale: 0,
    cropScale: [0.6, 1],
  }),
  training: trainingByLength(
    (_settings, { epochs }) => ({
      optimizer: "adamw",
      learningRate: 1e-3,
      finalLearningRate: 0,
      warmupEpochs: Math.min(1, epochs * 0.1),
      inclusiveWarmup: false,
      weightDecay: 1e-5,
      finalWeightDecay: 1e-5,
      clip: null,
    }),
    ({ batchSize }) => ({ learningRate: squareRootScaling(1e-3, batchSize, 64) }),
  ),
  views({ patch, cropScale, greyscale }, { imageSize, multipleOf }) {
    if (patch % multipleOf !== 0 || patch >= imageSize) throw unfitPatch(patch, imageSize, multipleOf);
    const view = cropAndFlipView({ size: imageSize, scale: cropScale });
    return [{ name: "picture", views: [{ ...view, greyscale }] }];
  },
  scalars: () => ({}),
  draws: (s) => [
    {
      name: "patches",
      stage: "embed",
      per: "picture",
      dtype: "float32",
      shape: (pictures) => [pictures, s.grid ** 2, PATCH_PARAMETERS],
      fill: (out, random) => drawPatchParameters(out as Float32Array, random, s),
    },
  ],
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  encoderOf: ofPatches,
  collapsedLoss: ({ grid }, batchSize) => Math.log(batchSize * grid ** 2),
  advice: {
    "collapsed-features": "Lower the learning rate or lengthen its warm-up; use larger batches",
    "loss-at-collapse": "Lower the temperature, and check that the learning rate is not close to 0",
    "loss-not-falling":
      "Lower nearest and farthest, or dropColour: rows far below may be unrelated to those above",
  },
  embed({ settings: s, scope, backbone, views, draws }) {
    const patches = augmentPatches(overlappingPatches(views.picture!, s), draws.patches!); // [B·grid², 3, patch, patch]
    const { features } = backbone.build(scope.at("backbone"), patches);
    const grid = reshape(features, [-1, s.grid, s.grid, features.shape[1]!]); // [B, rows, columns, D]
    const context = contextOf(scope.at("context"), grid, s);
    const out = s.targetWidth;
    const predictions = predictAhead(scope.at("predictor"), context, { distances: distances(s), out });
    return {
      targets: linear(scope.at("target"), grid, { out, bias: false }), // a bias would change no softmax
      ...Object.fromEntries(predictions.map(({ ahead, rows }) => [ahead, rows])),
    };
  },
  loss({ targets, ...predictions }, { settings: { cosine, temperature } }) {
    const { loss, accuracy } = predictiveCodingWithAccuracy({
      targets: targets!,
      predictions: Object.entries(predictions).map(([ahead, rows]) => ({ ahead: Number(ahead), rows })),
      temperature,
      normalize: cosine,
    });
    return { loss, metrics: { accuracy } };
  },
};

function distances({ nearest, farthest }: CpcSettings): number[] {
  return Array.from({ length: farthest - nearest + 1 }, (_, i) => nearest + i);
}

/** What each place knows of its own row and those above, `[B, rows, columns, …]`. */
function contextOf(scope: Scope, grid: Tensor, s: CpcSettings): Tensor {
  if (s.context === "rows") {
    const options = { layers: s.contextLayers, width: s.contextWidth };
    return transpose(rowContext(scope, transpose(grid, [0, 3, 1, 2]), options), [0, 2, 3, 1]);
  }
  const [b, rows, columns, d] = grid.shape as [number, number, number, number];
  const downwards = reshape(transpose(grid, [0, 2, 1, 3]), [b * columns, rows, d]);
  const states = reshape(gru(scope, downwards, { width: s.contextWidth }), [
    b,
    columns,
    rows,
    s.contextWidth,
  ]);
  return transpose(states, [0, 2, 1, 3]);
}

/** The features of a picture are the mean over those of its patches; their grid is its map. */
function ofPatches(backbone: Backbone, { grid, patch }: PatchGrid): Backbone {
  return {
    ...backbone,
    multipleOf: 1,
    build(scope, pictures) {
      const { features } = backbone.build(scope, overlappingPatches(pictures, { grid, patch }));
      const cells = reshape(features, [-1, grid, grid, backbone.features]);
      return { features: mean(cells, [1, 2]), map: transpose(cells, [0, 3, 1, 2]) };
    },
  };
}

function unfitPatch(patch: number, imageSize: number, multipleOf: number): AfterimageError {
  return new AfterimageError("method/settings", {
    what: "pictures cannot be cut into these patches",
    where: "--set patch",
    expected: `less than the image size ${imageSize}${multipleOf > 1 ? `, and a multiple of the backbone's ${multipleOf}` : ""}`,
    got: `${patch}`,
  });
}
