/** The list of backbones, by name. */
import * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { memberOf } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { readValue } from "../options/read-value.ts";
import type { Backbone } from "./backbone.ts";
import type { BackboneEntry } from "./backbone-entry.ts";
import type { BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";
import { keepBackbone, type OwnBackbone, ownBackbones } from "./own-backbones.ts";
import { resnet } from "./resnet.ts";
import {
  type ResNetSettings,
  resnetOptions,
  resnetOptionsOf,
  resnetSettings,
  resnetSettingsOf,
} from "./resnet-settings.ts";
import { vit } from "./vit.ts";
import { VIT_SIZES, vitOptions, vitOptionsOf, vitSettings, vitSettingsOf } from "./vit-settings.ts";

function resnetEntry(depth: ResNetSettings["depth"]): BackboneEntry {
  const name = `resnet${depth}`;
  const own = resnetSettings.extend({ depth: z.literal(depth) });
  return {
    name,
    family: "resnet",
    summary: `ResNet-${depth}, ${depth >= 50 ? 2048 : 512} features at width 1`,
    paper: "He et al. 2015, arXiv 1512.03385",
    options: resnetOptions,
    make: ({ imageSize, ...options }) => resnet(resnetSettingsOf(depth, imageSize, options)),
    restore: (kept, settings) => resnet(checked(kept, own, settings)),
    optionsOf: (settings) => resnetOptionsOf(checked(name, own, settings)),
  };
}

function vitEntry(size: keyof typeof VIT_SIZES): BackboneEntry {
  const { width, depth, heads } = VIT_SIZES[size];
  const name = `vit_${size}`;
  return {
    name,
    family: "vit",
    summary: `vision transformer, ${width} features, ${depth} blocks, ${heads} heads`,
    paper: "Dosovitskiy et al. 2020, arXiv 2010.11929",
    options: vitOptions,
    make({ imageSize, ...options }) {
      const settings = vitSettingsOf(size, imageSize, options);
      return vit(`${name}_patch${settings.patch}`, settings);
    },
    restore: (kept, settings) => vit(kept, checked(kept, vitSettings, settings)),
    optionsOf: (settings) => vitOptionsOf(checked(name, vitSettings, settings)),
  };
}

/**
 * Vision transformers of other sizes, which come with weights of other projects. They can be restored from
 * settings and not be chosen by name.
 */
const OTHER_VIT: BackboneEntry = {
  ...vitEntry("base"),
  name: "vit",
  summary: "vision transformer of any size",
  make: () => unknown("vit"),
};

/** Backbones that only weights of other projects have. */
const ONLY_RESTORED: readonly BackboneEntry[] = [resnetEntry(101), resnetEntry(152), OTHER_VIT];

/** The table of backbones. Adding one touches its own file and this table. */
export const BACKBONES: readonly BackboneEntry[] = [
  resnetEntry(18),
  resnetEntry(34),
  resnetEntry(50),
  vitEntry("tiny"),
  vitEntry("small"),
  vitEntry("base"),
];

/**
 * Makes a backbone of your own known by its name in this process, as one of the table: it can be chosen, and
 * its runs can be resumed, evaluated, embedded with and exported. A process that only uses such a run adds it
 * first; the command line does by `NODE_OPTIONS="--import ./my-backbone.mjs"`, a module that calls this.
 *
 * @throws AfterimageError `usage/value` for a name of the table, or one that begins with it and `_`.
 */
export function addBackbone<O extends object>(backbone: OwnBackbone<O>): void {
  keepBackbone(
    backbone as unknown as OwnBackbone,
    BACKBONES.map(({ name }) => name),
  );
}

/** All backbones that are known in this process: those of the table, then your own. */
export function knownBackbones(): readonly BackboneEntry[] {
  return [...BACKBONES, ...ownBackbones()];
}

/** The entry that gave a backbone its name in a run; undefined if it is not known in this process. */
export function entryOfRun(name: string): BackboneEntry | undefined {
  const fitting = [...knownBackbones(), ...ONLY_RESTORED].filter(
    (entry) => name === entry.name || name.startsWith(`${entry.name}_`),
  );
  return fitting.sort((a, b) => b.name.length - a.name.length)[0];
}

/** The entries of `options` that the backbone called `name` takes; none for a name that is not known. */
export function optionsKnownTo<T extends Partial<BackboneOptions>>(name: string, options: T): Partial<T> {
  const entry = knownBackbones().find((candidate) => candidate.name === name);
  const isKnown = (option: string) => entry !== undefined && memberOf(entry.options, option) !== undefined;
  return Object.fromEntries(Object.entries(options).filter(([option]) => isKnown(option))) as Partial<T>;
}

/**
 * The backbone called `name` in the table.
 *
 * @throws AfterimageError `usage/value` for an unknown name or options that do not fit.
 */
export function createBackbone(name: string, options: BackboneOptions): Backbone {
  const entry = knownBackbones().find((candidate) => candidate.name === name) ?? unknown(name);
  const { imageSize: _, ...said } = options;
  for (const [option, value] of Object.entries(said)) {
    if (value === undefined) continue;
    const schema = memberOf(entry.options, option);
    if (schema === undefined) throw notForThis(name, option, `${value}`);
    readValue(schema, value, optionName(option));
  }
  return entry.make(options);
}

/**
 * Builds a backbone again from the name and settings that it had in a run.
 *
 * @throws AfterimageError `usage/value` for a name that is not in the table, or settings that are not of this
 * backbone.
 */
export function restoreBackbone(name: string, settings: Backbone["settings"]): Backbone {
  return (entryOfRun(name) ?? unknown(name)).restore(name, settings);
}

/**
 * The same backbone, for the same weights, whose last map has another stride, as dense prediction wants it:
 * its last stages are dilated instead of strided. Every cell that the map had before keeps its value, and
 * cells between are new.
 *
 * @param outputStride pixels from one cell of the last map to the next: for a ResNet 32, 16, 8 or 4 with the
 * stem `imagenet`; 8, 4, 2 or 1 with `cifar`.
 * @throws AfterimageError `usage/value` for a backbone without strides, or one that cannot have this one.
 */
export function withOutputStride({ name, settings }: Backbone, outputStride: number): Backbone {
  const entry = entryOfRun(name) ?? unknown(name);
  if (memberOf(entry.options, "outputStride") === undefined)
    throw notForThis(name, "outputStride", `${outputStride}`);
  return restoreBackbone(name, { ...settings, outputStride });
}

/**
 * The choices that give the backbone of a run: the name of its entry, and all of its options.
 *
 * @throws AfterimageError `usage/value` as {@link restoreBackbone} does.
 */
export function backboneChoices({ name, settings }: Pick<Backbone, "name" | "settings">): BackboneChoices {
  const entry = entryOfRun(name) ?? unknown(name);
  return { backbone: entry.name, backboneOptions: entry.optionsOf(settings) };
}

export interface BackboneChoices {
  backbone: string;
  backboneOptions: FreeBackboneOptions;
}

/** Checks settings that were read from a file against the backbone's schema. */
function checked<T>(name: string, schema: z.ZodType<T>, settings: unknown): T {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AfterimageError("usage/value", {
    what: `${name} cannot have these settings`,
    where: ["backbone", "settings", ...issue.path].join("."),
    got: issue.message,
  });
}

function unknown(name: string): never {
  throw new AfterimageError("usage/value", {
    what: "there is no such backbone",
    where: optionName("backbone"),
    expected: `one of ${knownBackbones()
      .map((entry) => entry.name)
      .join(", ")}`,
    got: name,
  });
}

function notForThis(backbone: string, option: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: `${backbone} has no such option`,
    where: optionName(option),
    got,
    todo: "Leave it out, or choose another backbone.",
  });
}

export type { Backbone, BackboneOutput, Family, TokenOptions } from "./backbone.ts";
export type { BackboneEntry } from "./backbone-entry.ts";
export type { AnyBackboneOptions, BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";
export { layerOf, layerRates } from "./layer-rates.ts";
export { meanOfPatches } from "./mean-of-patches.ts";
export type { OwnBackbone } from "./own-backbones.ts";
export { resnet } from "./resnet.ts";
export type { ResNetOptions, ResNetSettings } from "./resnet-settings.ts";
export {
  CPC_AUDIO_LAYERS,
  type SequenceEncoder,
  type SequenceEncoderOutput,
  type SequenceEncoderSettings,
  sequenceEncoder,
} from "./sequence-encoder.ts";
export { vit } from "./vit.ts";
export { VIT_SIZES, type VitOptions, type VitSettings } from "./vit-settings.ts";
