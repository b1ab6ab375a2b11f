/**
 * Deep InfoMax (Hjelm, Fedorov, Lavoie-Marchildon, Grewal, Bachman, Trischler, Bengio 2018, arXiv 1808.06670): a summary of a
 * picture is to share information with all of it (global), with each of its places (local), and to look like samples of a
 * prior. Scores are dot products after a network on either side; settings are those of rdevon/DIM `cortex_DIM/models/dim.py`
 * and `prior_matching.py` with the paper's weights for DIM(L), the units scaled to the size of the data set.
 *
 * Summary and map may also be of two views, their scores divided by √units, as in the augmented form of the same authors (AMDIM:
 * Bachman, Hjelm, Buchwalter 2019, arXiv 1906.00910; Philip-Bachman/amdim-public `costs.py`).
 */
import { z } from "zod";
import { amdimViews, cropAndFlipView } from "../augment/view-sets.ts";
import type { BackboneOutput } from "../backbones/backbone.ts";
import { donskerVaradhanBound } from "../losses/donsker-varadhan-bound.ts";
import { infoNceBound } from "../losses/info-nce-bound.ts";
import { jensenShannonBound } from "../losses/jensen-shannon-bound.ts";
import { priorDiscriminatorLoss, priorEncoderLoss } from "../losses/prior-matching.ts";
import { linear } from "../nn/layers.ts";
import { miNetwork } from "../nn/mi-network.ts";
import type { Scope } from "../nn/scope.ts";
import { subBatches } from "../nn/sub-batches.ts";
import { squareRootScaling } from "../optim/schedule.ts";
import {
  add,
  concat,
  div,
  matmul,
  mul,
  relu,
  reshape,
  sigmoid,
  split,
  stopGradient,
  sub,
  type Tensor,
  transpose,
} from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { EmbedContext, Embeddings, LossContext, Method } from "./method.ts";
import { contrastedCrop, settingsAtOnce, trainingByLength } from "./short-runs.ts";

const BOUNDS = { jsd: jensenShannonBound, nce: infoNceBound, dv: donskerVaradhanBound };

const weight = z.number().min(0);
const settings = z
  .strictObject({
    globalWeight: weight.describe("α, weight of the information shared with the whole map"),
    localWeight: weight.describe("β, weight of the information shared with each place of the map"),
    priorWeight: weight.describe("γ, weight of the match between summaries and a uniform prior"),
    views: z
      .int()
      .min(1)
      .max(2)
      .describe("1: summary and map come from the same view; 2: from different views"),
    temperature: z.number().positive().nullable().describe("divides the scores; null is √units"),
    bound: z
      .enum(["jsd", "nce", "dv"])
      .describe("estimate of the information: Jensen–Shannon, InfoNCE or Donsker–Varadhan"),
    outputs: z.int().positive().describe("size of the summary, a linear map of the features"),
    units: z.int().positive().describe("width of the two networks whose outputs are multiplied to scores"),
    localSide: z
      .int()
      .positive()
      .describe("the map is a ResNet's last one with at least this many places a side"),
    discriminator: z
      .tuple([z.int().positive(), z.int().positive()])
      .describe("hidden widths of the discriminator between summaries and the prior"),
    cropScale: z
      .tuple([z.number().positive(), z.number().max(1)])
      .describe("area of the crop, as a share of the picture"),
  })
  .refine(({ globalWeight, localWeight }) => globalWeight + localWeight > 0, {
    path: ["localWeight"],
    message: "must be above 0 if globalWeight is 0",
  });
export type DimSettings = z.infer<typeof settings>;

export const dim: Method<DimSettings> = {
  name: "dim",
  title: "Deep InfoMax",
  paper: {
    title: "Learning deep representations by mutual information estimation and maximization",
    authors: "Hjelm, Fedorov, Lavoie-Marchildon, Grewal, Bachman, Trischler, Bengio",
    year: 2018,
    arxiv: "1808.06670",
  },
  idea: "a summary of a picture must match the picture's feature map, place by place or as a whole",
  settings,
  backbone: "resnet18",
  defaults: settingsAtOnce<DimSettings>(
    ({ pictures, imageSize }) => ({
      globalWeight: 0,
      localWeight: 1,
      priorWeight: 0.1,
      views: 1,
      temperature: 1,
      bound: "jsd",
      outputs: 64,
      units: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
      localSide: Math.min(7, Math.max(1, Math.floor(imageSize / 4))),
      discriminator: [1000, 200],
      cropScale: [0.6, 1],
    }),
    // Within one view a few epochs learn what makes each picture unlike all others, which is not what it shows. And places of
    // background say nothing of the picture that they are to be told by: what is asked is the map as a whole, of another view.
    (situation) => ({
      globalWeight: 1,
      localWeight: 0,
      priorWeight: 0,
      views: 2,
      temperature: null,
      bound: "nce",
      cropScale: contrastedCrop(situation),
    }),
  ),
  training: trainingByLength(
    (_settings, { epochs, pictures }) => ({
      optimizer: "adamw",
      learningRate: bySize(pictures, 1e-3, 1e-4),
      finalLearningRate: 0,
      warmupEpochs: Math.min(1, epochs * 0.1),
      inclusiveWarmup: false,
      weightDecay: 0,
      finalWeightDecay: 0,
      clip: null,
    }),
    ({ batchSize }) => ({ learningRate: squareRootScaling(1e-3, batchSize, 64) }),
  ),
  views: ({ views, cropScale: scale }, { imageSize: size }) => [
    {
      name: "picture",
      views: views === 1 ? [cropAndFlipView({ size, scale })] : amdimViews({ size, scale }),
    },
  ],
  scalars: () => ({}),
  draws: ({ priorWeight, outputs, views }) =>
    priorWeight === 0
      ? []
      : [
          {
            name: "prior",
            stage: "loss",
            per: "picture",
            dtype: "float32",
            shape: (pictures) => [pictures, views, outputs],
            fill: (out, random) => random.fillUniform(out as Float32Array),
          },
        ],
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  collapsedLoss: ({ priorWeight }) => (priorWeight === 0 ? 0 : null),
  advice: {
    "collapsed-features": "Lower the learning rate and priorWeight; replace bound=dv by jsd or nce",
    "loss-at-collapse": "Lower the learning rate",
    "loss-not-falling": "Lower priorWeight and the learning rate; replace bound=dv by jsd or nce",
  },
  embed(context) {
    const { settings, views } = context;
    const apart = subBatches(views.picture!, settings.views).map((view) => embedView(view, context));
    const names = Object.keys(apart[0]!);
    return Object.fromEntries(names.map((name) => [name, concat(apart.map((view) => view[name]!))]));
  },
  loss(embeddings, context) {
    const { globalWeight, localWeight, priorWeight } = context.settings;
    const metrics: Record<string, Tensor> = {};
    const terms: Tensor[] = [];
    for (const [name, share] of Object.entries({ global: globalWeight, local: localWeight })) {
      if (share === 0) continue;
      metrics[name] = sharedInformation(
        embeddings[`${name}Summary`]!,
        embeddings[`${name}Map`]!,
        context.settings,
      );
      terms.push(mul(metrics[name], -share));
    }
    if (priorWeight > 0) {
      const { encoder, discriminator } = matchPrior(embeddings, context);
      metrics.discriminator = discriminator;
      // The discriminator's own loss is no part of what the encoder minimises: it adds a gradient and no value.
      terms.push(mul(encoder, priorWeight), sub(discriminator, stopGradient(discriminator)));
    }
    return { loss: terms.reduce((whole, term) => add(whole, term)), metrics };
  },
};

/** `[B, 3, S, S]` to summaries `[B, outputs]`, and summaries and maps as the networks before the scores make them. */
function embedView(view: Tensor, { settings: s, scope, backbone }: EmbedContext<DimSettings>): Embeddings {
  const output = backbone.build(scope.at("backbone"), view);
  const summary = linear(scope.at("head"), output.features, { out: s.outputs });
  const places = placesOf(output, s.localSide); // [B, M, C]
  const [b, m, c] = places.shape as [number, number, number];
  const encode = (path: string, rows: Tensor) => miNetwork(scope.at(path), rows, s.units);
  return {
    summary,
    ...(s.globalWeight > 0 && {
      globalSummary: encode("global.summary", summary),
      globalMap: reshape(encode("global.map", reshape(places, [b, m * c])), [b, 1, s.units]),
    }),
    ...(s.localWeight > 0 && {
      localSummary: encode("local.summary", summary),
      localMap: reshape(encode("local.map", reshape(places, [b * m, c])), [b, m, s.units]),
    }),
  };
}

/** What of the picture is local: a ResNet's map, or a transformer's patches; `[B, M, C]`. */
function placesOf({ stages = [], patches }: BackboneOutput, side: number): Tensor {
  if (patches !== undefined) return patches;
  const map = stages.findLast(({ shape }) => shape[2]! >= side) ?? stages[0]!; // [B, C, h, w]
  return transpose(reshape(map, [map.shape[0]!, map.shape[1]!, -1]), [0, 2, 1]);
}

/**
 * What summaries `[V·B, units]` and maps `[V·B, M, units]` share: of the same view where there is one, else the mean of each of two
 * with the other.
 */
function sharedInformation(
  summaries: Tensor,
  maps: Tensor,
  { views, bound, temperature, units }: DimSettings,
) {
  const scaled = div(summaries, temperature ?? Math.sqrt(units));
  const share = (summary: Tensor, map: Tensor) => BOUNDS[bound](scoresOf(summary, map));
  if (views === 1) return share(scaled, maps);
  const halves = [summaries.shape[0]! / 2, summaries.shape[0]! / 2];
  const [ofFirst, ofSecond] = split(scaled, 0, halves);
  const [first, second] = split(maps, 0, halves);
  return mul(add(share(ofFirst!, second!), share(ofSecond!, first!)), 0.5);
}

/** Scores of summaries `[B, units]` with the places of all maps `[B, M, units]`: `[B, B, M]`. */
function scoresOf(summaries: Tensor, places: Tensor): Tensor {
  const [b, m, units] = places.shape as [number, number, number];
  const scores = matmul(summaries, reshape(places, [b * m, units]), { transposeB: true });
  return reshape(scores, [b, b, m]);
}

/**
 * A discriminator tells summaries, squashed into [0, 1], from uniform samples, and the encoder is to deceive it: each learns from
 * a loss of its own, for which the other one stands still.
 */
function matchPrior({ summary }: Embeddings, { settings, scope, draws }: LossContext<DimSettings>) {
  const own = scope.at("discriminator");
  const squashed = sigmoid(summary!); // [V·B, outputs]
  const prior = reshape(draws.prior!, squashed.shape);
  const judge = (at: Scope, rows: Tensor) => discriminate(at, rows, settings.discriminator);
  return {
    discriminator: priorDiscriminatorLoss(judge(own, prior), judge(own, stopGradient(squashed))),
    encoder: priorEncoderLoss(judge(own.with({ frozen: true }), squashed)),
  };
}

/** `[B, D]` to logits `[B, 1]`, above 0 for the prior. */
function discriminate(scope: Scope, rows: Tensor, widths: readonly number[]): Tensor {
  const hidden = widths.reduce((x, out, index) => relu(linear(scope.at(index), x, { out })), rows);
  return linear(scope.at(widths.length), hidden, { out: 1 });
}
