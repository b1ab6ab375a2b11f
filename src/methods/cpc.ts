/**
 * CPC on pictures (van den Oord, Li, Vinyals 2018, arXiv 1807.03748, section 3.2): each patch must be
 * identified, among all others, from the rows of patches above it. The context network, the predictions, the
 * normalisation within a picture and the noise on single patches have the form of CPC v2 (Hénaff et al. 2019,
 * arXiv 1905.09272, sections 2 and A.2).
 */

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
import type { Draw } from "../objectives/draw.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";
import { optionName } from "../options/option-name.ts";
import { mean, reshape, type Tensor, transpose } from "../tensor/index.ts";
import { type CpcSettings, cpcRecipe, cpcSettings } from "./recipes/cpc.ts";

export const cpc: CatalogueMethod<CpcSettings> = {
  name: "cpc",
  title: "CPC",
  paper: {
    title: "Representation Learning with Contrastive Predictive Coding",
    authors: "van den Oord, Li, Vinyals",
    year: 2018,
    arxiv: "1807.03748",
  },
  idea: "from the patches above, the network predicts patches further down, among all patches of the batch",
  settings: cpcSettings,
  ...cpcRecipe,
  backbone: "resnet18",
  // Batch norm would let patches of a picture recognise each other by their statistics (CPC v2, section 2.1).
  backboneOptions: { norm: "layer" },
  encoderOf: ofPatches,
  collapsedLoss: ({ grid }, batchSize) => Math.log(batchSize * grid ** 2),
  advice: {
    "collapsed-features": "Lower the learning rate or lengthen its warm-up; use larger batches",
    "loss-at-collapse": "Lower the temperature, and check that the learning rate is not close to 0",
    "loss-not-falling":
      "Lower nearest and farthest, or dropColour: rows far below may be unrelated to those above",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    draws: [patchNoise(settings)],
    embed({ scope, backbone, views, draws }) {
      const { grid: side, targetWidth: out } = settings;
      const patches = augmentPatches(overlappingPatches(views.picture!, settings), draws.patches!);
      const { features } = backbone.build(scope.at("backbone"), patches); // [B·grid², D]
      const grid = reshape(features, [-1, side, side, features.shape[1]!]); // [B, rows, columns, D]
      const context = contextOf(scope.at("context"), grid, settings);
      const rowsBelow = { distances: distances(settings), out };
      const predictions = predictAhead(scope.at("predictor"), context, rowsBelow);
      return {
        targets: linear(scope.at("target"), grid, { out, bias: false }), // a bias would change no softmax
        ...Object.fromEntries(predictions.map(({ ahead, rows }) => [ahead, rows])),
      };
    },
    loss({ targets, ...predictions }) {
      const { loss, accuracy } = predictiveCodingWithAccuracy({
        targets: targets!,
        predictions: Object.entries(predictions).map(([ahead, rows]) => ({ ahead: Number(ahead), rows })),
        temperature: settings.temperature,
        normalize: settings.cosine,
      });
      return { loss, metrics: { accuracy } };
    },
  }),
};

/**
 * @throws AfterimageError `method/settings` when patches are as large as the picture, or no multiple of a
 * ViT's patch.
 */
function viewsOf({ patch, cropScale, greyscale }: CpcSettings, { imageSize, multipleOf }: Situation) {
  if (patch % multipleOf !== 0 || patch >= imageSize) throw unfitPatch(patch, imageSize, multipleOf);
  const view = cropAndFlipView({ size: imageSize, scale: cropScale });
  return [{ name: "picture", views: [{ ...view, greyscale }] }];
}

function patchNoise(settings: CpcSettings): Draw {
  return {
    name: "patches",
    stage: "embed",
    per: "picture",
    dtype: "float32",
    shape: (pictures) => [pictures, settings.grid ** 2, PATCH_PARAMETERS],
    fill: (out, random) => drawPatchParameters(out as Float32Array, random, settings),
  };
}

function distances({ nearest, farthest }: CpcSettings): number[] {
  return Array.from({ length: farthest - nearest + 1 }, (_, i) => nearest + i);
}

/**
 * A summary of each place's own row and the rows above it, `[B, rows, columns, …]`; a GRU sees only the
 * place's own column.
 */
function contextOf(scope: Scope, grid: Tensor, { context, contextLayers, contextWidth: width }: CpcSettings) {
  if (context === "rows") {
    const options = { layers: contextLayers, width };
    return transpose(rowContext(scope, transpose(grid, [0, 3, 1, 2]), options), [0, 2, 3, 1]);
  }
  const [b, rows, columns, d] = grid.shape as [number, number, number, number];
  const downwards = reshape(transpose(grid, [0, 2, 1, 3]), [b * columns, rows, d]);
  const states = reshape(gru(scope, downwards, { width }), [b, columns, rows, width]);
  return transpose(states, [0, 2, 1, 3]);
}

/**
 * An encoder of whole pictures: its features are the mean over the patches, its map is the grid of their
 * features.
 */
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
    where: optionName("settings.patch"),
    expected: `less than the image size ${imageSize}${multipleOf > 1 ? `, and a multiple of the backbone's ${multipleOf}` : ""}`,
    got: `${patch}`,
  });
}
