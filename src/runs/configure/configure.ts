/**
 * From a user's choices to a complete configuration. Every default is decided here, once, and stored with the
 * run.
 */
import type * as z from "zod";
import type { Backbone } from "../../backbones/backbone.ts";
import {
  type AnyBackboneOptions,
  createBackbone,
  entryOfRun,
  knownBackbones,
  optionsKnownTo,
} from "../../backbones/index.ts";
import { type Background, parseBackground } from "../../data/background.ts";
import { backgroundOption } from "../../data/background-option.ts";
import { MOST_PIXELS } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { type CompleteMethod, completeMethod } from "../../methods/complete-method.ts";
import { findMethod } from "../../methods/index.ts";
import type { Method, TrainingDefaults } from "../../objectives/method.ts";
import type { ViewGroup } from "../../objectives/objective.ts";
import { optionName } from "../../options/option-name.ts";
import { readValue } from "../../options/read-value.ts";
import { situationOf } from "../../train/describe-run.ts";
import {
  CONFIG_VERSION,
  type Decision,
  type RunConfig,
  type TrainingConfig,
  trainingConfigSchema,
} from "../../train/run-config.ts";
import { settledConfig } from "../../train/settled-config.ts";
import { batchSizeFor, microBatchFor } from "./batch-size.ts";
import { outOfRange } from "./out-of-range.ts";
import { type SettingPlace, settingError } from "./setting-error.ts";

/** The choices a user may make. Defaults follow from the pictures and the method. */
export interface Choices {
  /** Default `simclr`. */
  method?: string;
  /** Default: the method's own, `resnet18` or `vit_tiny`. */
  backbone?: string;
  backboneOptions?: AnyBackboneOptions;
  /**
   * Height and width of the pictures that the encoder sees, in pixels. Default: by the number and size of the
   * pictures.
   */
  imageSize?: number;
  /** Side of the cached canvases. Default 1.5 × the image size. */
  canvas?: number;
  /**
   * The background for transparency: white, black, grey or #rrggbb. auto (the default) is white, or black for
   * a picture that would hardly be visible on white.
   */
  background?: string;
  /**
   * Passes over the pictures; fractions allowed. Default: by the number of pictures, or what `minutes` allow.
   */
  epochs?: number;
  /**
   * Minutes that the whole command may take. Epochs, resolution and network width, unless they are given, are
   * chosen to fit this machine, and a run that becomes slower is shortened.
   */
  minutes?: number;
  /** The decisions of another run about its epochs, repeated instead of following the pace. */
  repeats?: readonly Decision[];
  /**
   * Pictures per step. Default 128; below 512 pictures a power of two that makes four steps of an epoch, 16
   * or more.
   */
  batchSize?: number;
  /** Pictures computed at a time, to save memory; divides the batch. Default: the whole batch. */
  microBatch?: number;
  /** Default 0. */
  seed?: number;
  /** Overrides of the method's settings; `afterimage methods` lists them. */
  settings?: Record<string, unknown>;
  /** Overrides of the optimiser's settings. */
  training?: Partial<TrainingConfig>;
}

export const DEFAULT_IMAGE_SIZE = 64;

/** The side of the canvases in the cache. */
export function canvasFor({ imageSize = DEFAULT_IMAGE_SIZE, canvas }: Choices): number {
  return canvas ?? Math.round(1.5 * requireImageSize(imageSize));
}

const BACKGROUND = backgroundOption({});

/** The background for transparency. */
export function backgroundFor({ background = "auto" }: Pick<Choices, "background">): Background {
  return parseBackground(readValue(BACKGROUND, background, optionName("background")))!;
}

/**
 * The configuration of a run, complete and as plain data. It reads no pictures and starts nothing.
 *
 * @param data facts about the pictures: their place, the fingerprint of their data set, and their number.
 * @param given the chosen method; needed if it is not in the list of methods.
 * @throws AfterimageError `usage/value`, `method/settings` or `data/too-small`.
 */
export function configure(
  choices: Choices,
  data: RunConfig["data"],
  given: Method = findMethod(choices.method ?? "simclr"),
): RunConfig {
  const method = completeMethod(given);
  const imageSize = requireImageSize(choices.imageSize ?? DEFAULT_IMAGE_SIZE);
  return configureFor(chosenBackbone(choices, method, imageSize), choices, data, method);
}

function chosenBackbone(choices: Choices, method: CompleteMethod, imageSize: number): Backbone {
  const name = choices.backbone ?? method.backbone;
  return createBackbone(name, {
    imageSize,
    ...optionsKnownTo(name, method.backboneOptions ?? {}),
    ...choices.backboneOptions,
  });
}

/**
 * As {@link configure}, for a backbone that there is already, such as that of another run.
 *
 * @throws AfterimageError as {@link configure} does.
 */
export function configureFor(
  backbone: Backbone,
  choices: Omit<Choices, "backbone" | "backboneOptions">,
  data: RunConfig["data"],
  given: Method,
): RunConfig {
  const method = completeMethod(given);
  const imageSize = requireImageSize(choices.imageSize ?? DEFAULT_IMAGE_SIZE);
  const epochs = requireEpochs(choices.epochs ?? 100);
  const batchSize = batchSizeFor(choices.batchSize, data.pictures);
  const microBatch = microBatchFor(choices, batchSize);
  requireFamily(method, backbone);
  const situation = situationOf({ imageSize, batchSize, microBatch, data }, backbone, epochs);
  const settings = overridden(method.settings, method.defaults(situation), choices.settings ?? {}, {
    prefix: "settings.",
    owner: method.name,
  });
  requireWholePatches(method.objective(settings, situation).views ?? [], backbone);
  const training = checkedTraining(method.training(settings, situation), choices.training ?? {});
  return settledConfig({
    version: CONFIG_VERSION,
    method: {
      name: method.name,
      settings: settings as Record<string, unknown>,
      ...(method.module !== undefined && { module: method.module }),
    },
    backbone: keptBackbone(backbone),
    training,
    imageSize,
    canvas: canvasFor({ ...choices, imageSize }),
    background: backgroundFor(choices),
    epochs,
    batchSize,
    microBatch,
    seed: choices.seed ?? 0,
    data,
  });
}

function keptBackbone({ name, settings }: Backbone): RunConfig["backbone"] {
  const { module } = entryOfRun(name) ?? {};
  return { name, settings: { ...settings }, ...(module !== undefined && { module }) };
}

/**
 * Checks the choices that do not depend on the pictures, before any picture is read.
 *
 * @throws AfterimageError as {@link configure} does.
 */
export function checkChoices(choices: Choices): void {
  const { batchSize = 0 } = choices;
  // Enough pictures for any batch, so that only the choices themselves can be wrong.
  const pictures = Math.max(10_000, Number.isSafeInteger(batchSize) ? batchSize : 0);
  configure(choices, { path: "", fingerprint: "", pictures });
}

/** The settings of the optimiser with overrides on top, checked. */
export function checkedTraining(
  defaults: TrainingDefaults,
  overrides: Partial<TrainingConfig>,
): TrainingConfig {
  const place = { prefix: "training.", owner: "the training" };
  return overridden(trainingConfigSchema, completeTraining(defaults), overrides, place);
}

/** Completes a method's settings of the optimiser with those that are the same for most methods. */
export function completeTraining(defaults: TrainingDefaults): TrainingConfig {
  return trainingConfigSchema.parse(defaults);
}

/** Defaults with overrides on top, checked; an unknown key is refused by name. */
function overridden<T extends object>(
  schema: z.ZodType<T>,
  defaults: T,
  overrides: object,
  place: Pick<SettingPlace, "prefix" | "owner">,
): T {
  const chosen = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const given = { ...defaults, ...chosen };
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const names = { chosen: Object.keys(chosen), known: Object.keys(defaults) };
  throw settingError(result.error.issues[0]!, { ...place, given, ...names });
}

function requireFamily({ name, family }: Pick<Method, "name" | "family">, backbone: Backbone): void {
  if (family === undefined || family === backbone.family) return;
  const fitting = knownBackbones()
    .filter((entry) => entry.family === family)
    .map((entry) => entry.name);
  throw new AfterimageError("method/settings", {
    what: `${name} does not work with this backbone`,
    where: optionName("backbone"),
    expected: `one of ${fitting.join(", ")}`,
    got: backbone.name,
    todo: `Leave ${optionName("backbone")} out, or choose another method.`,
  });
}

/** Views are cut into patches. Pixels that do not fill one would be lost without an error. */
function requireWholePatches(groups: readonly ViewGroup[], { multipleOf, name }: Backbone): void {
  const views = groups.flatMap((group) => group.views);
  const odd = views.find(({ size }) => size % multipleOf !== 0);
  if (odd === undefined) return;
  throw new AfterimageError("method/settings", {
    what: "the size of a view is not a multiple of the patch size",
    where: `${name}, view ${odd.name}`,
    expected: `a multiple of ${multipleOf} pixels`,
    got: `${odd.size}`,
    todo: `Choose another ${optionName("patch")}, ${optionName("imageSize")} or size of the local crops.`,
  });
}

function requirePositive(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw outOfRange(option, "a whole number, 1 or more", value);
}

function requireEpochs(value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw outOfRange("epochs", "a number above 0", value);
}

function requireImageSize(value: number): number {
  if (requirePositive("imageSize", value) <= MOST_PIXELS) return value;
  throw outOfRange("imageSize", `${MOST_PIXELS} or less`, value);
}
