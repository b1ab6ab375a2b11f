/** The pre-trained network of a fine-tuning: an encoder, and what is known of how it was trained. */

import { NORMALIZATION } from "../../augment/view-spec.ts";
import type { Backbone } from "../../backbones/backbone.ts";
import { restoreBackbone } from "../../backbones/index.ts";
import { AfterimageError } from "../../errors.ts";
import { methodOfRun } from "../../methods/method-of-run.ts";
import type { FineTuningSettings } from "../../methods/recipes/fine-tuning.ts";
import { optionName } from "../../options/option-name.ts";
import { loadRun } from "../../train/node/run-folder.ts";
import { hasLabels, type RunConfig } from "../../train/run-config.ts";
import type { Values } from "../../train/values.ts";
import { valuesHash } from "../../train/values-hash.ts";
import type { StartingNetwork } from "../../transfer/begin-from.ts";
import { isEncoderFolder } from "../encoders/encoder-folder.ts";
import type { EncoderInMemory } from "../given-encoder.ts";
import { encoderOfRun, type OpenEncoder, openEncoder } from "../open-encoder.ts";

export interface Source extends Pick<FineTuningSettings, "source" | "keptHead"> {
  encoder: OpenEncoder;
  /** The backbone below the encoder. */
  backbone: Backbone;
  start: StartingNetwork;
  /** A hash of the weights that a fine-tuning begins with. */
  weights: string;
}

interface Asked {
  run: string | EncoderInMemory;
  /** Layers of the projection head to keep; undefined for what the run's settings say. */
  fromHeadLayer?: number | undefined;
}

/**
 * @throws AfterimageError `train/run-folder` for a folder that is no run; `usage/value` for layers of a head
 * that the run does not have, and for an encoder that sees other colours than training here gives.
 */
export async function openSource({ run, fromHeadLayer }: Asked, onNote: (message: string) => void) {
  if (typeof run !== "string" || isEncoderFolder(run)) {
    const encoder = await openEncoder(run, onNote);
    requireOwnColours(encoder);
    return withoutRun(encoder, fromHeadLayer);
  }
  const loaded = await loadRun(run, onNote);
  const { config, checkpoint } = loaded;
  const encoder = encoderOfRun(run, loaded);
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const source = sourceOf(config, backbone);
  const keptHead = keptHeadOf(config, encoder.backbone, fromHeadLayer);
  const head = keptHead === null ? new Map() : headValues(checkpoint.arrays, keptHead.layers);
  return sourceWith({ encoder, backbone, source, keptHead, start: { encoder: encoder.values, head } });
}

/** Training normalises pictures by ImageNet's colours; an encoder that was imported may want others. */
function requireOwnColours({ name, preprocessing: { normalize } }: OpenEncoder): void {
  const [wanted, given] = [NORMALIZATION, normalize].map(({ mean, std }) => `${[...mean, ...std]}`);
  if (wanted === given) return;
  throw new AfterimageError("usage/value", {
    what: "this encoder sees other colours than training here gives, and cannot be trained on",
    where: name,
    expected: `mean ${NORMALIZATION.mean} and deviation ${NORMALIZATION.std}`,
    got: `mean ${normalize.mean} and deviation ${normalize.std}`,
  });
}

/**
 * Of an encoder in memory or an imported one. The backbone must be one that its name and settings give again.
 */
function withoutRun(encoder: OpenEncoder, fromHeadLayer: number | undefined): Source {
  const { backbone, values } = encoder;
  if (fromHeadLayer !== undefined && fromHeadLayer > 0) throw noSuchHead(encoder.name, fromHeadLayer);
  const restored = restoreBackbone(backbone.name, backbone.settings);
  const start = { encoder: values, head: new Map() };
  return sourceWith({ encoder, backbone: restored, source: null, keptHead: null, start });
}

function sourceWith(source: Omit<Source, "weights">): Source {
  const { encoder, head } = source.start;
  return { ...source, weights: valuesHash([...encoder, ...head]) };
}

/**
 * The source, or null if the encoder is its backbone. A run that learned from labels returns its own source.
 */
function sourceOf(config: RunConfig, backbone: Backbone): FineTuningSettings["source"] {
  const { method } = config;
  if (hasLabels(config)) return (method.settings as FineTuningSettings).source;
  const encoder = methodOfRun(method.name).encoderOf(backbone, method.settings);
  return encoder === backbone ? null : { name: method.name, settings: method.settings };
}

function keptHeadOf(
  config: RunConfig,
  { features }: Backbone,
  asked: number | undefined,
): FineTuningSettings["keptHead"] {
  const { name, settings } = config.method;
  if (hasLabels(config)) return ownKeptHead(settings as FineTuningSettings, asked);
  const method = methodOfRun(name);
  const layers = asked ?? method.keptLayers(settings);
  if (layers === 0) return null;
  const head = method.projection?.(settings, features);
  if (head === undefined || layers >= head.layers) throw noSuchHead(name, layers, head?.layers);
  return { layers, width: head.width, norm: head.norm ?? true };
}

/** A network that was fine-tuned keeps its layers unless others are asked for, which it does not have. */
function ownKeptHead({ keptHead }: FineTuningSettings, asked: number | undefined) {
  if (asked === undefined || asked === (keptHead?.layers ?? 0)) return keptHead;
  if (asked === 0) return null;
  throw noSuchHead("a run that learned from labels", asked, (keptHead?.layers ?? 0) + 1);
}

/** Values of the first layers, from the average of the weights if that is what the run has. */
function headValues(arrays: Values, layers: number): Values {
  const from = [...arrays.keys()].some((path) => path.startsWith("teacher.head.")) ? "teacher." : "";
  const found = [...arrays].flatMap(([path, data]) => {
    const layer = path.startsWith(`${from}head.`) ? Number(path.split(".")[from === "" ? 1 : 2]) : layers;
    return layer < layers ? [[path.slice(from.length), data] as const] : [];
  });
  return new Map(found);
}

function noSuchHead(of: string, layers: number, all = 0): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the run has no such layer of a projection head to keep",
    where: `${optionName("fromHeadLayer")}, ${of}`,
    expected: all > 1 ? `0 to ${all - 1}` : "0: its head cannot be kept",
    got: `${layers}`,
  });
}
