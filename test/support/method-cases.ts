/**
 * The cases for tests of every method: the list of methods, and the settings that change a method's graph.
 */

import { METHODS } from "../../src/methods/index.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { TINY_METHODS } from "./tiny-run.ts";

/** A method's tiny run with some of its settings changed. */
export function tinyMethod(method: string, settings: object = {}, differently: Choices = {}): Choices {
  const choices = TINY_METHODS[method]!;
  return { ...choices, method, ...differently, settings: { ...choices.settings, ...settings } };
}

const PATCHES: Choices = { backbone: "vit_tiny", backboneOptions: { patch: 4, dropPath: 0 } };

const VARIANTS: [string, Choices][] = [
  ["instdisc, by all of its bank", tinyMethod("instdisc", { negatives: 0, proximal: 2 })],
  ["cmc, by all of its banks", tinyMethod("cmc", { negatives: 0 })],
  ["cmc, in the batch", tinyMethod("cmc", { loss: "batch" })],
  ["cpc, with a GRU", tinyMethod("cpc", { context: "gru" })],
  ["dim, of one view", tinyMethod("dim", { views: 1, bound: "jsd" })],
  ["dim, of one view by InfoNCE", tinyMethod("dim", { views: 1 })],
  ["swav, without queues", tinyMethod("swav", { queue: 0 })],
  ["byol, without a predictor", tinyMethod("byol", { predictor: false })],
  ["simsiam, without a predictor", tinyMethod("simsiam", { predictor: false })],
  ["moco-v3, of a transformer", tinyMethod("moco-v3", {}, PATCHES)],
  ["dino, of a transformer", tinyMethod("dino", {}, PATCHES)],
  ["ibot, without local crops", tinyMethod("ibot", { localCrops: 0 })],
  ["dinov2, with two heads", tinyMethod("dinov2", { separateHead: true })],
];

export const METHOD_CASES: readonly (readonly [string, Choices])[] = [
  ...METHODS.map(({ name }) => [name, tinyMethod(name)] as const),
  ...VARIANTS,
];
