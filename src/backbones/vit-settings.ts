/** The settings of a vision transformer, as a run stores them, and the options that give them. */
import * as z from "zod";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { schemaOf } from "../options/schema-of.ts";
import { MOST_CHANNELS } from "./backbone.ts";

const POSITIONS = ["learned", "sincos"] as const;
const INITS = ["mae", "moco", "simmim"] as const;
const RESAMPLINGS = ["plain", "antialiased"] as const;

export const vitSettings = z.strictObject({
  /** Height and width in pixels that the position embedding is made for. */
  imageSize: z.int().min(1).max(MOST_PIXELS),
  /** Side of a patch, in pixels. */
  patch: z.int().min(1).max(MOST_PIXELS),
  /** D, the width of every token; a multiple of `heads`. */
  width: z.int().min(1).max(MOST_CHANNELS),
  /** Blocks. */
  depth: z.int().min(1).max(256),
  /** Attention heads a block. */
  heads: z.int().min(1).max(MOST_CHANNELS),
  /** Drop-path rate of the last block, in [0, 1). It rises linearly to this over the blocks. */
  dropPath: z.number().min(0).lt(1),
  /** Position embedding: learned (the default), or fixed sines and cosines (MAE, MoCo v3). */
  positions: z.enum(POSITIONS).exactOptional(),
  /**
   * Whether a class token precedes the patches (the default). Without one, the feature is the mean of the
   * patches.
   */
  classToken: z.boolean().exactOptional(),
  /** The source of its initial values (vit-init.ts); timm's by default. */
  init: z.enum(INITS).exactOptional(),
  /**
   * Factors of what a block adds, learned for each feature, start at this value (Touvron et al. 2021, arXiv
   * 2103.17239, section 2.1). Default: there are none.
   */
  layerScale: z.number().min(0).max(1).exactOptional(),
  /**
   * Register tokens after the class token, without positions (Darcet et al. 2023, arXiv 2309.16588). Default
   * 0.
   */
  registers: z.int().min(0).max(256).exactOptional(),
  /**
   * The MLP of a block: GELU (the default), or SwiGLU, whose hidden features are gated by SiLU (Shazeer 2020,
   * arXiv 2002.05202).
   */
  mlp: z.enum(["swiglu"]).exactOptional(),
  /** Hidden features of the MLP; those of SwiGLU after its gate. Default 4·width. */
  mlpWidth: z
    .int()
    .min(1)
    .max(4 * MOST_CHANNELS)
    .exactOptional(),
  /** Whether queries, keys and values have a bias (the default). */
  qkvBias: z.boolean().exactOptional(),
  /** Added to the variance by every layer norm. Default 1e-6. */
  epsilon: z.number().positive().max(1).exactOptional(),
  /**
   * How positions are found for pictures of another size ({@link Resampling}); DINO's `offset` by default.
   */
  resampling: z.enum(RESAMPLINGS).exactOptional(),
});
export type VitSettings = z.infer<typeof vitSettings>;

/** Sizes of timm's `vit_tiny`, `vit_small` and `vit_base`. */
export const VIT_SIZES = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
} as const;

/** Options of a vision transformer; defaults depend on the size of the pictures. */
export interface VitOptions {
  /**
   * Patch size in pixels, a divisor of the image size. Default: 16 from 128 px on, 8 from 64, otherwise 4.
   */
  patch?: number;
  /** Drop-path rate in [0, 1), default 0.1, unless the method has another. */
  dropPath?: number;
  /** Default `learned`, unless the method has fixed ones. */
  positions?: NonNullable<VitSettings["positions"]>;
  /** Whether there is a class token. Default: yes, unless the method has none. */
  classToken?: boolean;
  /**
   * Initial values. Default: MAE's below 384 features (`vit_tiny`), otherwise timm's, unless the method has
   * others.
   */
  init?: "timm" | NonNullable<VitSettings["init"]>;
}

export const vitOptions = schemaOf<VitOptions>()({
  patch: option(z.int().min(1), {
    description: "ViT: height and width of a patch, in pixels",
    fallback: "16 from 128 pixels on, 8 from 64, otherwise 4",
  }),
  dropPath: option(z.number().min(0).lt(1), { description: "ViT: drop-path rate", fallback: "0.1" }),
  positions: option(z.enum(POSITIONS), {
    description: "ViT: position embedding, learned or fixed sines and cosines",
    fallback: "learned, unless the method has fixed ones",
    shown: "never",
  }),
  classToken: option(z.boolean(), {
    description: "ViT: class token",
    fallback: "yes, unless the method has none",
    shown: "never",
  }),
  init: option(z.enum(["timm", ...INITS]), {
    description: "ViT: whose initial values",
    fallback: "mae below 384 features, otherwise timm, unless the method has others",
    shown: "never",
  }),
});

/** @throws AfterimageError `usage/value` for patches that the picture cannot be cut into. */
export function vitSettingsOf(
  size: keyof typeof VIT_SIZES,
  imageSize: number,
  options: VitOptions,
): VitSettings {
  const { width, depth, heads } = VIT_SIZES[size];
  const { dropPath = 0.1, positions = "learned", classToken = true, init = startAt(width) } = options;
  return {
    ...{ imageSize, patch: patchOf(imageSize, options), width, depth, heads, dropPath },
    ...(positions !== "learned" && { positions }),
    ...(!classToken && { classToken }),
    ...(init !== "timm" && { init }),
  };
}

/** The options that give these settings. */
export function vitOptionsOf(settings: VitSettings): Required<VitOptions> {
  const { patch, dropPath, positions = "learned", classToken = true, init = "timm" } = settings;
  return { patch, dropPath, positions, classToken, init };
}

/**
 * timm's standard deviation is .02 at any width. For a narrow transformer that is very small: half of
 * Xavier's at 768 features, a quarter at 192. The blocks must then grow before they learn. iBOT with 96
 * features had 59.9 % (kNN on Fashion-MNIST) after 1.8 epochs with it, and 65.8 % after 2.4 epochs with
 * Xavier's, in about the same time.
 */
function startAt(width: number): Required<VitOptions>["init"] {
  return width < VIT_SIZES.small.width ? "mae" : "timm";
}

function patchOf(imageSize: number, { patch: asked }: VitOptions): number {
  const patch = asked ?? suitingPatch(imageSize);
  if (Number.isInteger(patch) && patch >= 1 && imageSize % patch === 0) return patch;
  throw asked === undefined ? unevenSize(imageSize, patch) : unevenPatch(imageSize, asked);
}

/** The default patch size for a size of pictures, in pixels. */
function suitingPatch(imageSize: number): number {
  return imageSize >= 128 ? 16 : imageSize >= 64 ? 8 : 4;
}

function unevenPatch(imageSize: number, patch: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a value is out of range",
    where: optionName("patch"),
    expected: `a divisor of the image size ${imageSize}`,
    got: `${patch}`,
  });
}

/** The user gave no patch size, so the error is about the image size. */
function unevenSize(imageSize: number, patch: number): AfterimageError {
  const next = Math.ceil(imageSize / patch) * patch;
  return new AfterimageError("usage/value", {
    what: "this image size cannot be cut into whole patches",
    where: optionName("imageSize"),
    expected: `a multiple of ${patch}, the default patch size`,
    got: `${imageSize}`,
    todo: `Choose ${next}, or a divisor of ${imageSize} by ${optionName("patch")}.`,
  });
}
