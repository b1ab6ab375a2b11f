/** What a view is: how one training picture is made from a stored one. Plain data, in the order it is applied. */
import { z } from "zod";
import { AfterimageError } from "../errors.ts";

/** How a picture is resized: the triangle or the cubic (a = -0.5) kernel, antialiased, as in PIL and torchvision. */
export type Interpolation = "bilinear" | "bicubic";

/** `(x - mean) / std` for x in [0, 1], by channel R, G, B. */
export interface Normalization {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** The statistics of ImageNet's colours, which torchvision and nearly every method use. */
export const NORMALIZATION: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** A random resized crop: its share of the picture's area, and width / height. */
export interface CropSpec {
  scale: readonly [number, number];
  ratio: readonly [number, number];
  interpolation: Interpolation;
}

/**
 * Colour jitter as torchvision's ColorJitter: factors for brightness, contrast and saturation from
 * [max(0, 1 - value), 1 + value], a hue shift from [-hue, hue] turns, in random order; 0 leaves a part out.
 */
export interface JitterSpec {
  probability: number;
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
}

/** Gaussian blur: sigma in pixels, drawn uniformly, and the number of taps (odd). */
export interface BlurSpec {
  probability: number;
  sigma: readonly [number, number];
  kernel: number;
}

/** Values at or above the threshold become `1 - value`. */
export interface SolarizeSpec {
  probability: number;
  threshold: number;
}

/** One view. Every probability is that of a picture, each drawn by itself. */
export interface ViewSpec {
  name: string;
  /** Height and width of the view, in pixels. */
  size: number;
  crop: CropSpec;
  /** Probability of a horizontal flip. */
  flip: number;
  jitter: JitterSpec | null;
  /** Probability of losing all colour. */
  greyscale: number;
  blur: BlurSpec | null;
  solarize: SolarizeSpec | null;
  normalize: Normalization | null;
}

const probability = z.number().min(0).max(1);
const range = (number: z.ZodNumber) =>
  z
    .tuple([number, number])
    .readonly()
    .refine(([low, high]) => low <= high, "the first number must not be larger than the second");
const triple = (number: z.ZodNumber) => z.tuple([number, number, number]).readonly();

/** {@link ViewSpec} for reading one from a configuration. */
export const viewSpecSchema: z.ZodType<ViewSpec> = z
  .strictObject({
    name: z.string(),
    size: z.int().positive(),
    crop: z.strictObject({
      scale: range(z.number().positive().max(1)),
      ratio: range(z.number().positive()),
      interpolation: z.enum(["bilinear", "bicubic"]),
    }),
    flip: probability,
    jitter: z
      .strictObject({
        probability,
        brightness: z.number().nonnegative(),
        contrast: z.number().nonnegative(),
        saturation: z.number().nonnegative(),
        hue: z.number().min(0).max(0.5),
      })
      .nullable(),
    greyscale: probability,
    blur: z
      .strictObject({
        probability,
        sigma: range(z.number().positive()),
        kernel: z
          .int()
          .positive()
          .refine((taps) => taps % 2 === 1, "the number of taps must be odd"),
      })
      .nullable(),
    solarize: z.strictObject({ probability, threshold: z.number().min(0).max(1) }).nullable(),
    normalize: z.strictObject({ mean: triple(z.number()), std: triple(z.number().positive()) }).nullable(),
  })
  .refine(
    ({ blur, size }) => blur === null || (blur.kernel - 1) / 2 < size,
    "half the blur kernel must be smaller than the view",
  );

/**
 * Checks what the types cannot: ranges, odd kernels.
 *
 * @throws AfterimageError `usage/value` naming the entry that is wrong.
 */
export function checkViewSpec(spec: ViewSpec): ViewSpec {
  const result = viewSpecSchema.safeParse(spec);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AfterimageError("usage/value", {
    what: "the settings of a view are not valid",
    where: [`view ${spec.name}`, ...issue.path].join("."),
    got: issue.message,
  });
}
