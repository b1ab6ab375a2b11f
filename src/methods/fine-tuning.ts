/** Fine-tuning: an encoder and a new classifier learn from labels. */

import { mixPictures, mixTargets } from "../augment/mix-pictures.ts";
import { ERASING, erasePictures } from "../augment/random-erasing.ts";
import { simclrViews } from "../augment/view-sets.ts";
import type { ViewSpec } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { layerOf, layerRates } from "../backbones/layer-rates.ts";
import { AfterimageError } from "../errors.ts";
import { binaryCrossEntropy } from "../losses/binary-cross-entropy.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { squaredError } from "../losses/squared-error.ts";
import { classifierHead } from "../nn/classifier-head.ts";
import { oneHot } from "../nn/one-hot.ts";
import type { Scope } from "../nn/scope.ts";
import type { Draw } from "../objectives/draw.ts";
import type { Method } from "../objectives/method.ts";
import type { EmbedContext, LossContext, Objective, Rate } from "../objectives/objective.ts";
import { erasingDraws, mixDraw } from "../objectives/picture-draws.ts";
import { classTarget, type RowTarget } from "../objectives/target.ts";
import type { Tensor } from "../tensor/index.ts";
import { FINE_TUNING, findMethod } from "./find-method.ts";
import { type FineTuningSettings, fineTuningRecipe, fineTuningSettings } from "./recipes/fine-tuning.ts";

export type { FineTuningSettings } from "./recipes/fine-tuning.ts";

/** The picture's group of views. */
const PICTURE = "picture";

const BACKBONE = "backbone";

export const fineTuning: Method<FineTuningSettings> = {
  name: FINE_TUNING,
  title: "Fine-tuning",
  idea: "an encoder and a new classifier learn from labels",
  settings: fineTuningSettings,
  ...fineTuningRecipe,
  // The average of the weights, or the network itself if there is none (`average` is 0).
  encoder: "teacher",
  encoderOf: (backbone, { source }) => sourceEncoder(backbone, source),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse": "Lower the learning rate",
    "loss-not-falling": "Check the labels, and that the learning rate is not close to 0",
  },
  remarks: (settings, { batchNorm }) => frozenRemarks(settings, batchNorm),
  objective: (settings, { imageSize }): Objective => ({
    views: [{ name: PICTURE, views: [fineTuningView(settings, imageSize)] }],
    targets: [targetOf(settings)],
    draws: drawsOf(settings, imageSize),
    rates: ratesOf(settings),
    teacher: { momentum: () => warmAverage(settings.average), averagesAll: true },
    couplesBatch: false,
    embed(context) {
      const { scope, backbone } = context;
      const encoder = sourceEncoder(backbone, settings.source);
      const { features } = encoder.build(stillBelow(scope, encoder, settings), seen(context, settings));
      return { logits: classifierHead(scope, features, settings) };
    },
    loss: ({ logits }, context) => ({ loss: lossOf(logits as Tensor, settings, context) }),
  }),
};

/** The encoder that a method made of the backbone. */
export function sourceEncoder(backbone: Backbone, source: FineTuningSettings["source"]): Backbone {
  if (source === null) return backbone;
  return findMethod(source.name).encoderOf(backbone, source.settings);
}

/**
 * A crop, a flip and colour jitter. Pictures are neither grey nor blurred, because colour or detail may
 * decide the class.
 */
export function fineTuningView(
  { cropScale, flip, colourStrength }: Pick<FineTuningSettings, "cropScale" | "flip" | "colourStrength">,
  size: number,
): ViewSpec {
  const [first] = simclrViews({ size, scale: cropScale, strength: colourStrength, blur: false });
  const { jitter, ...view } = first as ViewSpec;
  return { ...view, name: PICTURE, flip, greyscale: 0, jitter: colourStrength === 0 ? null : jitter };
}

function targetOf({ task, outputs }: FineTuningSettings): RowTarget {
  if (task === "classes") return classTarget();
  const name = task === "several" ? "labels" : "numbers";
  return { name, per: "picture", dtype: "float32", shape: [outputs] };
}

const isMixed = ({ mixup, cutmix, mixProbability }: FineTuningSettings) =>
  mixProbability > 0 && (mixup > 0 || cutmix > 0);

function drawsOf(settings: FineTuningSettings, size: number): Draw[] {
  const { mixup, cutmix, mixProbability: probability, erasing } = settings;
  return [
    ...(erasing > 0 ? erasingDraws({ ...ERASING, probability: erasing }, size) : []),
    ...(isMixed(settings) ? [mixDraw({ mixup, cutmix, probability, cutmixShare: 0.5 }, size)] : []),
  ];
}

/** The network's input: pictures with random erasing, then mixing, in timm's order. */
function seen({ views, draws }: EmbedContext, settings: FineTuningSettings): Tensor {
  const pictures = views[PICTURE] as Tensor;
  const { erase, mix } = draws;
  const whole = erase === undefined ? pictures : erasePictures(pictures, erase, draws["erase.noise"]);
  return mix === undefined || !isMixed(settings) ? whole : mixPictures(whole, mix);
}

/** The encoder's scope, in which its frozen layers do not change. */
function stillBelow(scope: Scope, encoder: Backbone, { freeze }: FineTuningSettings): Scope {
  const at = scope.at(BACKBONE);
  if (freeze === 0) return at;
  requireLayers(encoder, freeze);
  const isFrozen = (path: string) => {
    const own = `${path}.`.slice(BACKBONE.length + 1);
    return freeze === "all" || layerOf(encoder, own) < freeze;
  };
  return at.with({ still: isFrozen });
}

function requireLayers({ name, layers }: Backbone, freeze: number | "all"): void {
  if (layers !== undefined || freeze === "all") return;
  throw new AfterimageError("method/settings", {
    what: "this encoder does not name its layers, so it cannot be frozen to a depth",
    where: name,
    expected: "0 or all",
    got: `${freeze}`,
  });
}

/** The factor of the encoder's learning rate, for each layer. */
function ratesOf({ freeze, backboneRate, layerDecay, source }: FineTuningSettings): Rate[] {
  if (freeze === "all" || (backboneRate === 1 && layerDecay === 1)) return [];
  const factor = (path: string, backbone: Backbone) => {
    const encoder = sourceEncoder(backbone, source);
    if (layerDecay === 1 || encoder.layers === undefined) return backboneRate;
    return backboneRate * layerRates(encoder, layerDecay)(path.slice(BACKBONE.length + 1));
  };
  return [{ applies: ({ path }) => path.startsWith(`${BACKBONE}.`), by: { factor } }];
}

/**
 * The momentum of an average that starts with the run. After t steps it is at most (1 + t) / (10 + t), to let
 * the first weights leave the average (TensorFlow's `ExponentialMovingAverage`; the warm-up of timm's
 * `ModelEmaV3` has another formula).
 */
export function warmAverage(momentum: number): (step: number) => number {
  return (step) => Math.min(momentum, (1 + step) / (10 + step));
}

function lossOf(logits: Tensor, settings: FineTuningSettings, { targets, draws }: LossContext): Tensor {
  const { task, outputs, smoothing, classWeights } = settings;
  const given = targets[targetOf(settings).name] as Tensor;
  const rows = task === "classes" ? oneHot(given, outputs) : given; // [B, K]
  const { mix } = draws;
  const wanted = mix === undefined ? rows : mixTargets(rows, mix);
  if (task === "numbers") return squaredError(logits, wanted);
  if (task === "classes")
    return crossEntropy(logits, wanted, { smoothing, ...(classWeights && { classWeights }) });
  return binaryCrossEntropy(logits, wanted, {
    smoothing,
    ...(classWeights && { positiveWeights: classWeights }),
  });
}

function frozenRemarks({ freeze }: FineTuningSettings, batchNorm: boolean): string[] {
  if (freeze === 0 || !batchNorm) return [];
  const which = freeze === "all" ? "the encoder is" : `${freeze} of the encoder's layers are`;
  return [`${which} frozen; batch norm there uses its running statistics, which stand still`];
}
