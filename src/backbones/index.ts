/** The list of backbones, by name. */
import { z } from "zod";
import { AfterimageError } from "../errors.ts";
import { memberOf } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { readValue } from "../options/read-value.ts";
import type { Backbone } from "./backbone.ts";
import type { BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";
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

/** A line of the table: everything about one kind of backbone. */
export interface BackboneEntry {
  name: string;
  family: Backbone["family"];
  summary: string;
  paper: string;
  /**
   * Its options, in addition to the size of the pictures: the meaning and the values of each. Other options
   * are refused.
   */
  options: z.ZodObject;
  /** @throws AfterimageError `usage/value` for options that do not fit. */
  make(options: BackboneOptions): Backbone;
  /**
   * The backbone that had this name and these settings in a run.
   *
   * @throws AfterimageError `usage/value` for settings that are not of this backbone.
   */
  restore(name: string, settings: Backbone["settings"]): Backbone;
  /**
   * All of its options, with the values for which {@link make} gives these settings.
   *
   * @throws AfterimageError `usage/value` for settings that are not of this backbone.
   */
  optionsOf(settings: Backbone["settings"]): FreeBackboneOptions;
}

function resnetEntry(depth: ResNetSettings["depth"]): BackboneEntry {
  const name = `resnet${depth}`;
  const own = resnetSettings.extend({ depth: z.literal(depth) });
  return {
    name,
    family: "resnet",
    summary: `ResNet-${depth}, ${depth === 50 ? 2048 : 512} features at width 1`,
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
 * The entries of `options` that the backbone called `name` takes; none for a name that is not in the table.
 */
export function optionsKnownTo<T extends Partial<BackboneOptions>>(name: string, options: T): Partial<T> {
  const entry = BACKBONES.find((candidate) => candidate.name === name);
  const isKnown = (option: string) => entry !== undefined && memberOf(entry.options, option) !== undefined;
  return Object.fromEntries(Object.entries(options).filter(([option]) => isKnown(option))) as Partial<T>;
}

/**
 * The backbone called `name` in the table.
 *
 * @throws AfterimageError `usage/value` for an unknown name or options that do not fit.
 */
export function createBackbone(name: string, options: BackboneOptions): Backbone {
  const entry = entryOf((own) => own === name, name);
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
  return entryOfRun(name).restore(name, settings);
}

/**
 * The choices that give the backbone of a run: the name of its entry, and all of its options.
 *
 * @throws AfterimageError `usage/value` as {@link restoreBackbone} does.
 */
export function backboneChoices({ name, settings }: Pick<Backbone, "name" | "settings">): BackboneChoices {
  const entry = entryOfRun(name);
  return { backbone: entry.name, backboneOptions: entry.optionsOf(settings) };
}

export interface BackboneChoices {
  backbone: string;
  backboneOptions: FreeBackboneOptions;
}

function entryOfRun(name: string): BackboneEntry {
  return entryOf((own) => name === own || name.startsWith(`${own}_`), name);
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

function entryOf(fits: (own: string) => boolean, name: string): BackboneEntry {
  const entry = BACKBONES.find((candidate) => fits(candidate.name));
  if (entry !== undefined) return entry;
  throw new AfterimageError("usage/value", {
    what: "there is no such backbone",
    where: optionName("backbone"),
    expected: `one of ${BACKBONES.map((candidate) => candidate.name).join(", ")}`,
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

export type { Backbone, BackboneOutput, TokenOptions } from "./backbone.ts";
export type { BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";
export { meanOfPatches } from "./mean-of-patches.ts";
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
