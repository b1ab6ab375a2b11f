import type { OptionRules } from "./check-options.ts";
import { PICTURES } from "./given-pictures.ts";
import { PICTURE_RULES } from "./picture-options.ts";
import type { PretrainOptions } from "./pretrain-options.ts";
import {
  COLOUR,
  FUNCTION,
  given,
  numberWithin,
  oneOf,
  RECORD,
  RESUME,
  text,
  wholeNumber,
  YES_OR_NO,
} from "./value-kinds.ts";

/** What `pretrain` takes; null is checked where the choice is used. */
export const PRETRAIN_RULES: OptionRules<PretrainOptions> = {
  pictures: PICTURES,
  method: text("name"),
  backbone: text("name"),
  backboneOptions: RECORD,
  imageSize: wholeNumber(1),
  canvas: wholeNumber(2),
  background: COLOUR,
  epochs: numberWithin({ above: 0 }),
  minutes: numberWithin({ above: 0 }),
  fewestEpochs: numberWithin({ above: 0 }),
  repeats: null,
  batchSize: wholeNumber(2),
  microBatch: null,
  seed: wholeNumber(0),
  settings: RECORD,
  training: RECORD,
  out: text("folder"),
  resume: RESUME,
  morePictures: YES_OR_NO,
  force: YES_OR_NO,
  labels: YES_OR_NO,
  threads: wholeNumber(1),
  provider: text("name"),
  monitorEvery: wholeNumber(0),
  checkpointEvery: wholeNumber(1),
  ...PICTURE_RULES,
  signal: given("an AbortSignal", (value): value is AbortSignal => value instanceof AbortSignal),
  onProgress: FUNCTION,
  onEpoch: FUNCTION,
};

export const BACKBONE_RULES: OptionRules<Required<PretrainOptions>["backboneOptions"]> = {
  patch: wholeNumber(1),
  widthMultiplier: numberWithin({ above: 0 }),
  stem: oneOf("name", ["cifar", "imagenet"]),
  norm: oneOf("name", ["batch", "group", "layer"]),
  zeroInit: YES_OR_NO,
  positions: oneOf("name", ["learned", "sincos"]),
  classToken: YES_OR_NO,
  init: oneOf("name", ["mae", "moco", "simmim"]),
  dropPath: numberWithin({ least: 0, below: 1 }),
};
