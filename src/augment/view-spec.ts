/**
 * The specification of a view: how one training picture is made from a stored one. Plain data, in the order
 * in which it is applied.
 */

/**
 * How a picture is resized: the triangle or the cubic (a = -0.5) kernel, antialiased, as in PIL and
 * torchvision.
 */
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

/** One view. Every probability is that of a picture, each drawn independently. */
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
