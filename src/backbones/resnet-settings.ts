/** The settings of a ResNet, as a run stores them, and the options that give them. */
import * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import { schemaOf } from "../options/schema-of.ts";
import { MOST_CHANNELS } from "./backbone.ts";

const STEMS = ["cifar", "imagenet"] as const;
const NORMS = ["batch", "group", "layer"] as const;
/** Channels of the first stage in the paper. */
const PAPER_WIDTH = 64;

export const resnetSettings = z.strictObject({
  depth: z.literal([18, 34, 50, 101, 152]),
  /** Channels of the first stage; 64 in the paper. */
  width: z.int().min(1).max(MOST_CHANNELS),
  /** `imagenet`: 7×7 stride 2 and max-pooling; `cifar`: 3×3 stride 1 and none (SimCLR, appendix B.9). */
  stem: z.enum(STEMS),
  /**
   * `batch` (the default). `group`: group norm and standardised filters, so that pictures of a batch do not
   * depend on each other (Richemond et al. 2020, arXiv 2010.10241). `layer`: layer norm over the whole map,
   * for pictures so small that a group of channels has few values (CPC v2's patches, arXiv 1905.09272).
   */
  norm: z.enum(NORMS).exactOptional(),
  /**
   * Whether the last norm of each block starts with scale 0, so that the block starts as its shortcut (Goyal
   * et al. 2017, arXiv 1706.02677, section 5.1; torchvision's `zero_init_residual`). Default false.
   */
  zeroInit: z.boolean().exactOptional(),
  /** Pixels from one cell of the last map to the next; {@link fullStride} of the stem by default. */
  outputStride: z.literal([1, 2, 4, 8, 16, 32]).exactOptional(),
});
export type ResNetSettings = z.infer<typeof resnetSettings>;

/** Options of a ResNet; defaults depend on the size of the pictures. */
export interface ResNetOptions {
  /** Multiplies all widths, above 0 (1, the default, is the paper's 64-128-256-512). */
  widthMultiplier?: number;
  /** Default `cifar` up to 32 px (as SimCLR's `resnet.py`), otherwise `imagenet`. */
  stem?: ResNetSettings["stem"];
  /**
   * Default `batch`; `group` is group norm with standardised filters, `layer` layer norm over all of a map.
   */
  norm?: NonNullable<ResNetSettings["norm"]>;
  /** Whether blocks start as their shortcuts; default false, unless the method sets it. */
  zeroInit?: boolean;
  /**
   * Pixels from one cell of the last map to the next: 32 (the default), 16, 8 or 4 with the stem `imagenet`;
   * 8, 4, 2 or 1 with `cifar`. The last stages are dilated instead of strided, with the same weights.
   */
  outputStride?: NonNullable<ResNetSettings["outputStride"]>;
}

export const resnetOptions = schemaOf<ResNetOptions>()({
  widthMultiplier: option(z.number().positive(), {
    description: "ResNet: multiplier of all widths",
    fallback: "by the number and size of the pictures",
    called: "width",
  }),
  stem: option(z.enum(STEMS), {
    description: "ResNet: first layers",
    fallback: "cifar up to 32 pixels, otherwise imagenet",
  }),
  norm: option(z.enum(NORMS), {
    description: "ResNet: batch norm, group norm with standardised filters, or layer norm",
    fallback: "batch",
  }),
  zeroInit: option(z.boolean(), {
    description: "ResNet: blocks start as their shortcuts",
    fallback: "no, unless the method sets it",
    shown: "never",
  }),
  outputStride: option(z.literal([1, 2, 4, 8, 16, 32]), {
    description: "ResNet: pixels from one cell of the last map to the next",
    fallback: "32, or 8 with the cifar stem",
    shown: "never",
  }),
});

/** The output stride of a ResNet whose last three stages are strided. */
export function fullStride(stem: ResNetSettings["stem"]): 8 | 32 {
  return stem === "cifar" ? 8 : 32;
}

/**
 * The output stride of settings.
 *
 * @throws AfterimageError `usage/value` for one that the stem does not leave.
 */
export function outputStrideOf({ stem, outputStride }: ResNetSettings): number {
  const full = fullStride(stem);
  const possible = [full, full / 2, full / 4, full / 8];
  if (outputStride === undefined) return full;
  if (possible.includes(outputStride)) return outputStride;
  throw new AfterimageError("usage/value", {
    what: `a ResNet with the stem ${stem} cannot have this output stride`,
    where: optionName("outputStride"),
    expected: `one of ${possible.join(", ")}`,
    got: `${outputStride}`,
  });
}

/**
 * Pixels up to which a ResNet begins with the CIFAR stem, which does not reduce the size. SimCLR's authors
 * use it for CIFAR's 32 (google-research/simclr `tf2/resnet.py`). At 48 pixels and half width it makes a step
 * eight times as long.
 */
const CIFAR_STEM_UP_TO = 32;

/** @throws AfterimageError `usage/value` for a width below one channel, or above the largest allowed. */
export function resnetSettingsOf(
  depth: ResNetSettings["depth"],
  imageSize: number,
  options: ResNetOptions,
): ResNetSettings {
  const { widthMultiplier = 1, norm = "batch", zeroInit = false, outputStride } = options;
  const { stem = imageSize <= CIFAR_STEM_UP_TO ? "cifar" : "imagenet" } = options;
  const width = Math.round(PAPER_WIDTH * widthMultiplier);
  if (!(width >= 1)) throw widthRefused("at least 1/64, so that a channel is left", widthMultiplier);
  if (width > MOST_CHANNELS) throw widthRefused(`at most ${MOST_CHANNELS / PAPER_WIDTH}`, widthMultiplier);
  return {
    ...{ depth, width, stem, ...(norm !== "batch" && { norm }), ...(zeroInit && { zeroInit }) },
    ...(outputStride !== undefined && outputStride !== fullStride(stem) && { outputStride }),
  };
}

/** The options that give these settings. */
export function resnetOptionsOf(settings: ResNetSettings): Required<ResNetOptions> {
  const { width, stem, norm = "batch", zeroInit = false, outputStride = fullStride(stem) } = settings;
  return { widthMultiplier: width / PAPER_WIDTH, stem, norm, zeroInit, outputStride };
}

function widthRefused(expected: string, got: number): AfterimageError {
  const where = optionName("widthMultiplier");
  return new AfterimageError("usage/value", {
    what: "a value is out of range",
    where,
    expected,
    got: `${got}`,
  });
}
