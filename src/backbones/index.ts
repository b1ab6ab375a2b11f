/** The list of backbones, by name. */
import { z } from "zod";
import { AfterimageError } from "../errors.ts";
import { type Backbone, MOST_CHANNELS } from "./backbone.ts";
import { type ResNetSettings, resnet, resnetSettings } from "./resnet.ts";
import { VIT_SIZES, type VitSettings, vit, vitSettings } from "./vit.ts";

/** Options of a backbone; defaults depend on the size of the pictures. */
export interface BackboneOptions {
  /** Height and width of the pictures it will see, in pixels. */
  imageSize: number;
  /** ViT: patch size in pixels. Default: 16 from 128 px on, 8 from 64, otherwise 4. */
  patch?: number;
  /** ResNet: multiplies all widths, above 0 (1, the default, is the paper's 64-128-256-512). */
  widthMultiplier?: number;
  /** ResNet: default `cifar` up to 32 px (as SimCLR's `resnet.py`), otherwise `imagenet`. */
  stem?: ResNetSettings["stem"];
  /** ResNet: default `batch`; `group` is group norm with standardised filters, `layer` layer norm over all of a map. */
  norm?: NonNullable<ResNetSettings["norm"]>;
  /** ResNet: whether blocks start as their shortcuts; default false, unless the method sets it. */
  zeroInit?: boolean;
  /** ViT: default `learned`, unless the method has fixed ones. */
  positions?: NonNullable<VitSettings["positions"]>;
  /** ViT: whether there is a class token. Default: yes, unless the method has none. */
  classToken?: boolean;
  /**
   * ViT: initial values. Default: MAE's below 384 features (`vit_tiny`), otherwise timm's, unless the method
   * has others.
   */
  init?: NonNullable<VitSettings["init"]>;
  /** ViT: drop-path rate in [0, 1), default 0.1, unless the method has another. */
  dropPath?: number;
}

/** A line of the table: everything that the project knows of a kind of backbone. */
export interface BackboneEntry {
  name: string;
  family: Backbone["family"];
  summary: string;
  paper: string;
  /** Its options, in addition to the size of the pictures; other options are refused. */
  options: readonly Exclude<keyof BackboneOptions, "imageSize">[];
  /** @throws AfterimageError `usage/value` for options that do not fit. */
  make(options: BackboneOptions): Backbone;
  /**
   * The backbone that carried this name and these settings in a run.
   *
   * @throws AfterimageError `usage/value` for settings that are none of it.
   */
  restore(name: string, settings: Backbone["settings"]): Backbone;
}

/**
 * Pixels up to which a ResNet begins with the CIFAR stem, which halves nothing. SimCLR's authors use it for CIFAR's 32
 * (google-research/simclr `tf2/resnet.py`); at 48 pixels and half width it makes a step eight times as long.
 */
const CIFAR_STEM_UP_TO = 32;

function resnetEntry(depth: 18 | 34 | 50): BackboneEntry {
  return {
    name: `resnet${depth}`,
    family: "resnet",
    summary: `ResNet-${depth}, ${depth === 50 ? 2048 : 512} features at width 1`,
    paper: "He et al. 2015, arXiv 1512.03385",
    options: ["widthMultiplier", "stem", "norm", "zeroInit"],
    make({
      imageSize,
      widthMultiplier = 1,
      stem = imageSize <= CIFAR_STEM_UP_TO ? "cifar" : "imagenet",
      norm,
      zeroInit,
    }) {
      const width = Math.round(64 * widthMultiplier);
      if (!(width >= 1))
        throw refused("--width", "at least 1/64, so that a channel is left", `${widthMultiplier}`);
      if (width > MOST_CHANNELS)
        throw refused("--width", `at most ${MOST_CHANNELS / 64}`, `${widthMultiplier}`);
      const grouped = norm === undefined || norm === "batch" ? {} : { norm };
      return resnet({ depth, width, stem, ...grouped, ...(zeroInit ? { zeroInit } : {}) });
    },
    restore: (name, settings) =>
      resnet(checked(name, resnetSettings.extend({ depth: z.literal(depth) }), settings)),
  };
}

function vitEntry(size: keyof typeof VIT_SIZES): BackboneEntry {
  const { width, depth, heads } = VIT_SIZES[size];
  return {
    name: `vit_${size}`,
    family: "vit",
    summary: `vision transformer, ${width} features, ${depth} blocks, ${heads} heads`,
    paper: "Dosovitskiy et al. 2020, arXiv 2010.11929",
    options: ["patch", "dropPath", "positions", "classToken", "init"],
    make({
      imageSize,
      patch: asked,
      dropPath = 0.1,
      positions = "learned",
      classToken = true,
      init = startAt(width),
    }) {
      const patch = asked ?? patchFor(imageSize);
      if (!Number.isInteger(patch) || patch < 1 || imageSize % patch !== 0)
        throw asked === undefined ? unevenSize(imageSize, patch) : unevenPatch(imageSize, asked);
      if (!(dropPath >= 0 && dropPath < 1))
        throw refused("--drop-path", "a number 0 or more and below 1", `${dropPath}`);
      const kept = {
        ...(positions !== "learned" && { positions }),
        ...(!classToken && { classToken }),
        ...(init !== undefined && { init }),
      };
      return vit(`vit_${size}_patch${patch}`, { imageSize, patch, width, depth, heads, dropPath, ...kept });
    },
    restore: (name, settings) => vit(name, checked(name, vitSettings, settings)),
  };
}

/**
 * timm's deviation is .02 at any width, which is very small for a narrow transformer: half of Xavier's at 768
 * features, a quarter at 192. The blocks must then grow before they learn. iBOT with 96 features had 59.9 %
 * (kNN on Fashion-MNIST) after 1.8 epochs with it, and 65.8 % after 2.4 epochs with Xavier's, in about the
 * same time.
 */
function startAt(width: number): VitSettings["init"] {
  return width < VIT_SIZES.small.width ? "mae" : undefined;
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

/** Those of `options` that the backbone called `name` knows; none for a name that is not in the table. */
export function optionsKnownTo<T extends Partial<BackboneOptions>>(name: string, options: T): Partial<T> {
  const known: readonly string[] = BACKBONES.find((entry) => entry.name === name)?.options ?? [];
  return Object.fromEntries(Object.entries(options).filter(([key]) => known.includes(key))) as Partial<T>;
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
    const isKnown = (entry.options as readonly string[]).includes(option);
    if (!isKnown && value !== undefined) throw notForThis(name, option, `${value}`);
  }
  return entry.make(options);
}

/**
 * Builds a backbone again from the name and settings it carried in a run.
 *
 * @throws AfterimageError `usage/value` for a name that no entry of the table gives, or settings that are none of it.
 */
export function restoreBackbone(name: string, settings: Backbone["settings"]): Backbone {
  return entryOf((own) => name === own || name.startsWith(`${own}_`), name).restore(name, settings);
}

/** Settings as they were read from somewhere, held against what the backbone takes. */
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
    where: "--backbone",
    expected: `one of ${BACKBONES.map((candidate) => candidate.name).join(", ")}`,
    got: name,
  });
}

/** The patch size that suits a size of pictures, in pixels. */
function patchFor(imageSize: number): number {
  return imageSize >= 128 ? 16 : imageSize >= 64 ? 8 : 4;
}

function unevenPatch(imageSize: number, patch: number): AfterimageError {
  return refused("--patch", `a divisor of the image size ${imageSize}`, `${patch}`);
}

/** The user gave no patch size, so the error is about the image size. */
function unevenSize(imageSize: number, patch: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "this image size cannot be cut into whole patches",
    where: "--image-size",
    expected: `a multiple of ${patch}, the default patch size`,
    got: `${imageSize}`,
    todo: `Choose ${Math.ceil(imageSize / patch) * patch}, or a divisor of ${imageSize} by --patch.`,
  });
}

/** Options as the command line calls them. */
const FLAGS: Readonly<Record<string, string>> = {
  widthMultiplier: "--width",
  stem: "--stem",
  norm: "--norm",
  patch: "--patch",
  dropPath: "--drop-path",
};

function notForThis(backbone: string, option: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: `${backbone} has no such option`,
    where: FLAGS[option] ?? option,
    got,
    todo: "Leave it out, or choose another backbone.",
  });
}

function refused(flag: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", { what: "a value is out of range", where: flag, expected, got });
}

export type { Backbone, BackboneOutput, TokenOptions } from "./backbone.ts";
export { meanOfPatches } from "./mean-of-patches.ts";
export { type ResNetSettings, resnet } from "./resnet.ts";
export {
  CPC_AUDIO_LAYERS,
  type SequenceEncoder,
  type SequenceEncoderOutput,
  type SequenceEncoderSettings,
  sequenceEncoder,
} from "./sequence-encoder.ts";
export { VIT_SIZES, type VitSettings, vit } from "./vit.ts";
