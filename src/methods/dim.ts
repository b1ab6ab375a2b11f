/**
 * Deep InfoMax (Hjelm, Fedorov, Lavoie-Marchildon, Grewal, Bachman, Trischler, Bengio 2018, arXiv
 * 1808.06670): a picture's summary must share information with the whole picture (global) and with each of
 * its places (local), and must be distributed like a prior. A score is a dot product of two networks'
 * outputs: one network maps summaries, the other places.
 *
 * Summary and map may come from two different views, and scores may be divided by √units, as in AMDIM of the
 * same authors (Bachman, Hjelm, Buchwalter 2019, arXiv 1906.00910; Philip-Bachman/amdim-public `costs.py`).
 */
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
import type { Draw } from "../objectives/draw.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type {
  EmbedContext,
  Embeddings,
  LossContext,
  LossResult,
  ViewGroup,
} from "../objectives/objective.ts";
import type { Situation } from "../objectives/situation.ts";
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
import { type DimSettings, dimRecipe, dimSettings } from "./recipes/dim.ts";

const BOUNDS = { jsd: jensenShannonBound, nce: infoNceBound, dv: donskerVaradhanBound };

export const dim: CatalogueMethod<DimSettings> = {
  name: "dim",
  title: "Deep InfoMax",
  paper: {
    title: "Learning deep representations by mutual information estimation and maximization",
    authors: "Hjelm, Fedorov, Lavoie-Marchildon, Grewal, Bachman, Trischler, Bengio",
    year: 2018,
    arxiv: "1808.06670",
  },
  idea: "a summary of a picture must match the picture's feature map, place by place or as a whole",
  settings: dimSettings,
  ...dimRecipe,
  backbone: "resnet18",
  collapsedLoss: ({ priorWeight }) => (priorWeight === 0 ? 0 : null),
  advice: {
    "collapsed-features": "Lower the learning rate and priorWeight; replace bound=dv by jsd or nce",
    "loss-at-collapse": "Lower the learning rate",
    "loss-not-falling": "Lower priorWeight and the learning rate; replace bound=dv by jsd or nce",
  },
  objective: (settings, situation) => ({
    views: viewsOf(settings, situation),
    draws: settings.priorWeight === 0 ? [] : [priorDraw(settings)],
    embed(context) {
      const apart = subBatches(context.views.picture!, settings.views).map((view) =>
        embedView(view, context, settings),
      );
      const names = Object.keys(apart[0]!);
      return Object.fromEntries(names.map((name) => [name, concat(apart.map((view) => view[name]!))]));
    },
    loss: (embeddings, context) => lossOf(embeddings, context, settings),
  }),
};

function viewsOf({ views, cropScale: scale }: DimSettings, { imageSize: size }: Situation): ViewGroup[] {
  return [
    {
      name: "picture",
      views: views === 1 ? [cropAndFlipView({ size, scale })] : amdimViews({ size, scale }),
    },
  ];
}

/** Samples of the prior, uniform in [0, 1): `[B, V, outputs]`. */
function priorDraw({ views, outputs }: DimSettings): Draw {
  return {
    name: "prior",
    stage: "loss",
    per: "picture",
    dtype: "float32",
    shape: (pictures) => [pictures, views, outputs],
    fill: (out, random) => random.fillUniform(out as Float32Array),
  };
}

/**
 * From a view `[B, 3, S, S]` to its summaries `[B, outputs]`, and to the outputs of the networks whose dot
 * products are the scores.
 */
function embedView(view: Tensor, { scope, backbone }: EmbedContext, s: DimSettings): Embeddings {
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

/** The places of a picture, `[B, M, C]`: those of a ResNet's map, or a transformer's patches. */
function placesOf({ stages = [], patches }: BackboneOutput, side: number): Tensor {
  if (patches !== undefined) return patches;
  const map = stages.findLast(({ shape }) => shape[2]! >= side) ?? stages[0]!; // [B, C, h, w]
  return transpose(reshape(map, [map.shape[0]!, map.shape[1]!, -1]), [0, 2, 1]);
}

function lossOf(embeddings: Embeddings, context: LossContext, settings: DimSettings): LossResult {
  const { globalWeight, localWeight, priorWeight } = settings;
  const metrics: Record<string, Tensor> = {};
  const terms: Tensor[] = [];
  for (const [name, share] of Object.entries({ global: globalWeight, local: localWeight })) {
    if (share === 0) continue;
    const [summaries, maps] = [embeddings[`${name}Summary`]!, embeddings[`${name}Map`]!];
    metrics[name] = sharedInformation(summaries, maps, settings);
    terms.push(mul(metrics[name], -share));
  }
  if (priorWeight > 0) {
    const { encoder, discriminator } = matchPrior(embeddings, context, settings);
    metrics.discriminator = discriminator;
    // The encoder does not minimise the discriminator's loss, so that loss adds its gradient and no value.
    terms.push(mul(encoder, priorWeight), sub(discriminator, stopGradient(discriminator)));
  }
  return { loss: terms.reduce((whole, term) => add(whole, term)), metrics };
}

/**
 * The information that summaries `[V·B, units]` and maps `[V·B, M, units]` share. One view shares it with
 * itself. With two views the value is the mean over both directions, from each summary to the other view's
 * map.
 */
function sharedInformation(
  summaries: Tensor,
  maps: Tensor,
  { views, bound, temperature, units }: DimSettings,
): Tensor {
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
 * The discriminator learns to distinguish summaries, squashed into [0, 1], from uniform samples, and the
 * encoder learns to deceive it. Each network learns from its own loss, in which the other one is frozen.
 */
function matchPrior({ summary }: Embeddings, { scope, draws }: LossContext, settings: DimSettings) {
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
