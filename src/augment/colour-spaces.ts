/**
 * Colour spaces that separate lightness from colour, computed in the graph. Values are those of
 * scikit-image's `color.rgb2lab` and `color.rgb2ycbcr`.
 */
import {
  add,
  clip,
  concat,
  constant,
  convolution,
  exp,
  greater,
  log,
  maximum,
  mul,
  sliceAxis,
  sub,
  type Tensor,
  where,
} from "../tensor/index.ts";
import type { Normalization } from "./view-spec.ts";

type Triple = readonly [number, number, number];

/** A colour space with three channels, and the values that bring its channels to about -1 to 1. */
export interface ColourSpace {
  channels: readonly [string, string, string];
  /** `[B, 3, H, W]` in [0, 1] to `[B, 3, H, W]` in the space's own units. */
  from(rgb: Tensor): Tensor;
  mean: Triple;
  std: Triple;
}

/** The spaces that CMC uses, normalised as in its `train_CMC.py` (HobbitLong/CMC). */
export const COLOUR_SPACES = {
  lab: {
    channels: ["l", "a", "b"],
    from: rgbToLab,
    mean: [50, 6.025, -6.6895],
    std: [50, 92.208, 101.1675],
  },
  ycbcr: {
    channels: ["y", "cb", "cr"],
    from: rgbToYcbcr,
    mean: [116.151, 121.08, 132.342],
    std: [109.5, 111.855, 111.964],
  },
} as const satisfies Record<string, ColourSpace>;

export type ColourSpaceName = keyof typeof COLOUR_SPACES;

/**
 * Normalised RGB to normalised channels of another space, `[B, 3, H, W]` both.
 *
 * @param normalization the pictures' normalisation. It is undone, and values outside of [0, 1] are clipped.
 */
export function toColourSpace(
  pictures: Tensor,
  { from, mean, std }: ColourSpace,
  normalization: Normalization,
): Tensor {
  const rgb = clip(denormalized(pictures, normalization), 0, 1);
  return mul(sub(from(rgb), perChannel(mean)), perChannel(std.map((value) => 1 / value)));
}

function denormalized(pictures: Tensor, { mean, std }: Normalization): Tensor {
  return add(mul(pictures, perChannel(std)), perChannel(mean));
}

/**
 * CIE L*a*b* of sRGB under the illuminant D65, with the 2° observer. L is 0 to 100, a about -86 to 98, b
 * about -108 to 94.
 *
 * Source: IEC 61966-2-1 (sRGB) and CIE 15, with the constants of scikit-image's `rgb2xyz` and `xyz2lab`.
 */
export function rgbToLab(rgb: Tensor): Tensor {
  const xyz = mixed(linear(rgb), XYZ_OF_RGB); // by the white's own
  // The cube root, replaced by a line where the root is too steep.
  const f = where(greater(xyz, 0.008856), power(xyz, 1 / 3), add(mul(xyz, 7.787), 16 / 116));
  return mixed(f, LAB_OF_ROOTS, [-16, 0, 0]);
}

/** From sRGB values, whose steps look equal, to linear amounts of light. */
function linear(rgb: Tensor): Tensor {
  const bright = power(mul(add(rgb, 0.055), 1 / 1.055), 2.4);
  return where(greater(rgb, 0.04045), bright, mul(rgb, 1 / 12.92));
}

/**
 * A power of numbers that are not negative. As exponential and logarithm it takes a quarter of the time of
 * the runtime's power.
 */
function power(x: Tensor, exponent: number): Tensor {
  return exp(mul(log(maximum(x, 1e-6)), exponent));
}

const WHITE: Triple = [0.95047, 1, 1.08883];
/** Row-major; X, Y and Z as shares of those of white. */
const XYZ_OF_RGB = [
  ...[0.412453, 0.35758, 0.180423],
  ...[0.212671, 0.71516, 0.072169],
  ...[0.019334, 0.119193, 0.950227],
].map((value, i) => value / WHITE[Math.floor(i / 3)]!);
/** L = 116·f(Y) - 16, a = 500·(f(X) - f(Y)), b = 200·(f(Y) - f(Z)). */
const LAB_OF_ROOTS = [0, 116, 0, 500, -500, 0, 0, 200, -200];

/**
 * Y'CbCr: Y is 16 to 235, Cb and Cr 16 to 240.
 *
 * Source: ITU-R BT.601, with the constants of scikit-image's `rgb2ycbcr`.
 */
export function rgbToYcbcr(rgb: Tensor): Tensor {
  return mixed(rgb, YCBCR_OF_RGB, [16, 128, 128]);
}

const YCBCR_OF_RGB = [...[65.481, 128.553, 24.966], ...[-37.797, -74.203, 112], ...[112, -93.786, -18.214]];

/** A row-major 3×3 matrix over the channels. */
function mixed(x: Tensor, matrix: readonly number[], bias: Triple = [0, 0, 0]): Tensor {
  return convolution(x, constant(matrix, [3, 3, 1, 1]), {}, constant(bias, [3]));
}

/** Some channels of `[B, C, H, W]`, in the order asked for. */
export function channelsOf(x: Tensor, indices: readonly number[]): Tensor {
  return concat(
    indices.map((index) => sliceAxis(x, 1, index, index + 1)),
    1,
  );
}

function perChannel(values: readonly number[]): Tensor {
  return constant(values, [3, 1, 1]);
}
