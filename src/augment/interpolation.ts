/**
 * Resizing as a matrix: `R_y · X · R_xᵀ`, with the antialiasing kernel of PIL and torchvision built into R.
 */
import {
  abs,
  add,
  and,
  cast,
  clip,
  constant,
  div,
  expand,
  floor,
  gather,
  greaterEqual,
  less,
  matmul,
  maximum,
  minimum,
  mul,
  relu,
  reshape,
  shapeOf,
  sizeOfAxis,
  slice,
  sliceAxis,
  split,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
} from "../tensor/index.ts";
import { scatterAddAxisOperator } from "../tensor/ops/indexing.ts";
import { apply1 } from "../tensor/tensor.ts";
import type { Interpolation } from "./view-spec.ts";

/** A box of each picture, `[B, 2]` (vertical, horizontal), in pixels of the canvas. */
export interface Region {
  start: Tensor;
  extent: Tensor;
  /** 1 if the axis is flipped, otherwise 0; null if it never is. */
  flip: Tensor | null;
}

/** The matrices of a region. The rows' matrix also scales bytes to [0, 1]. */
export interface ResizeMatrices {
  rows: RowBands;
  /** `[B, S, out]`. */
  columns: Tensor;
}

/**
 * The rows' matrix in bands. Output rows that are close together depend on few input rows, which are close
 * together too. The rest of the whole matrix would be zeros.
 */
export interface RowBands {
  /** `[B, bands, out / bands, window]`. */
  weights: Tensor;
  /**
   * int64 `[B, bands]`: the first of the `window` rows that a band depends on; null if it depends on all
   * rows.
   */
  first: Tensor | null;
}

/** Half the width of the kernel, in pixels, if the picture is not made smaller. */
const REACH = { bilinear: 1, bicubic: 2 } as const;

/**
 * Crops each picture to its region and resizes that to `out` × `out`: x `[B, 3, S, S]`, uint8, to
 * `[B, 3, out, out]` in [0, 1]. Values that the cubic kernel takes beyond [0, 1] are clipped, as in pictures
 * of bytes.
 */
export function cropResize(x: Tensor, region: Region, out: number, interpolation: Interpolation): Tensor {
  const resized = resize(x, resizeMatrices(region, out, sizeOfAxis(x, 2, "cropResize"), interpolation));
  return interpolation === "bicubic" ? clip(resized, 0, 1) : resized;
}

/** x `[B, 3, S, S]`, uint8, multiplied by its two matrices. */
export function resize(x: Tensor, { rows, columns }: ResizeMatrices): Tensor {
  const [b, c, s] = shapeOf(x, 4, "resize");
  const [, bands, height, window] = shapeOf(rows.weights, 4, "resize");
  const seen = rows.first === null ? reshape(x, [b, c, 1, s, s]) : rowsOfBands(x, rows.first, window);
  const weights = reshape(rows.weights, [b, 1, bands, height, window]);
  const high = matmul(weights, cast(seen, "float32")); // [B, 3, bands, height, S]
  const wide = matmul(reshape(high, [b, c * bands * height, s]), columns);
  return reshape(wide, [b, c, bands * height, sizeOfAxis(columns, 2, "resize")]);
}

/**
 * The rows that each band depends on: x `[B, C, S, S]`, first `[B, bands]` to `[B, C, bands, window, S]`.
 */
function rowsOfBands(x: Tensor, first: Tensor, window: number): Tensor {
  const [b, c, s] = shapeOf(x, 4, "resize");
  const bands = sizeOfAxis(first, 1, "resize");
  const planes = constant(
    Array.from({ length: b * c }, (_, plane) => plane * s),
    [b, c, 1, 1],
    "int64",
  );
  const places = add(add(planes, cast(range(window, [window]), "int64")), reshape(first, [b, 1, bands, 1]));
  return gather(reshape(x, [b * c * s, s]), places);
}

/**
 * The matrices that resize each picture's region to `out` × `out`.
 *
 * Output i is a weighted mean of the pixels around `start + (i + ½)·extent / out`. The weights are those of
 * the kernel, which is wider by the factor by which the picture becomes smaller. Pixels outside the region do
 * not count, and the weights of the others add up to 1. Source: PIL `ImagingResample`; torchvision
 * `resized_crop(antialias=True)`.
 *
 * @param canvas S, the side of the canvas, in pixels.
 */
export function resizeMatrices(
  region: Region,
  out: number,
  canvas: number,
  interpolation: Interpolation,
): ResizeMatrices {
  const { weights, places } = taps(region, out, canvas, interpolation);
  const [rowWeights, columnWeights] = axes(weights);
  const [rowPlaces, columnPlaces] = axes(places);
  return {
    rows: inBands(transpose(rowWeights!), transpose(rowPlaces!), canvas),
    columns: spread(columnWeights!, columnPlaces!, 1, canvas),
  };
}

/** Weights and places of the rows, `[B, out, K]`, in bands if each depends on at most half of the rows. */
function inBands(weights: Tensor, places: Tensor, canvas: number): RowBands {
  const [b, out, k] = shapeOf(weights, 3, "resize");
  const height = bandHeight(out);
  // From the first row of a band's first output to the last row of its last output; one more, because places
  // are rounded.
  const window = Math.ceil((height - 1) * Math.max(1, canvas / out)) + k + 1;
  if (window > canvas / 2)
    return { weights: reshape(spread(weights, places, 2, canvas), [b, 1, out, canvas]), first: null };
  const bands = out / height;
  const banded = (x: Tensor) => reshape(x, [b, bands, height, k]);
  const end = (row: number) => slice(banded(places), [0, 0, row, 0], [b, bands, row + 1, 1]);
  // The lowest place is at the start of the band or, in a flipped picture, at its end.
  const first = minimum(minimum(end(0), end(height - 1)), constant([canvas - window], [], "int64"));
  return {
    weights: spread(banded(weights), sub(banded(places), first), 3, window),
    first: reshape(first, [b, bands]),
  };
}

/**
 * Bands of 16 to 32 rows, if that divides the rows. Shorter bands share more of their inputs; longer ones
 * have more zeros.
 */
function bandHeight(out: number): number {
  for (let height = 32; height >= 16; height--) if (out % height === 0) return height;
  return out;
}

/**
 * The weights at their places along `axis`, zeros elsewhere. The zeros are computed, because constant ones
 * would be kept in full for the life of the session and copied at every run.
 */
function spread(weights: Tensor, places: Tensor, axis: number, count: number): Tensor {
  const zero = mul(cast(sliceAxis(reshape(places, [-1]), 0, 0, 1), "float32"), 0);
  const zeros = expand(
    zero,
    weights.shape.map((size, a) => (a === axis ? count : size)),
  );
  return apply1(scatterAddAxisOperator, [zeros, places, weights], axis);
}

/** `[B, 2, K, out]` to one `[B, K, out]` for each axis of the picture. */
function axes(both: Tensor): Tensor[] {
  const [b, , k, out] = shapeOf(both, 4, "resize");
  return split(both, 1, [1, 1]).map((one) => reshape(one, [b, k, out]));
}

/** Weights (float32) and places (int64) of the K pixels that each output depends on, `[B, 2, K, out]`. */
function taps(region: Region, out: number, canvas: number, interpolation: Interpolation) {
  const perAxis = (x: Tensor) => reshape(x, [sizeOfAxis(x, 0, "taps"), 2, 1, 1]);
  const start = perAxis(region.start);
  const extent = perAxis(region.extent);
  const flip = region.flip === null ? null : perAxis(region.flip);
  const reach = REACH[interpolation];
  const step = mul(extent, 1 / out);
  const stretch = maximum(step, 1);
  const centre = add(start, mul(step, middles(flip, out))); // [B, 2, 1, out]
  const first = floor(sub(add(centre, 0.5), mul(stretch, reach)));
  const count = Math.ceil(2 * reach * Math.max(1, canvas / out)) + 1;
  const place = add(first, range(count, [count, 1])); // [B, 2, K, out]
  const distance = div(abs(sub(place, sub(centre, 0.5))), stretch);
  const inside = and(greaterEqual(place, start), less(place, add(start, extent)));
  const weight = where(inside, KERNELS[interpolation](distance), 0);
  const total = mul(sum(weight, [2], true), constant([255, 1], [2, 1, 1]));
  return { weights: div(weight, total), places: cast(clip(place, 0, canvas - 1), "int64") };
}

/** The middles of the outputs, ½ … out - ½, in reverse order if flipped. */
function middles(flip: Tensor | null, out: number): Tensor {
  const forward = add(range(out, [out]), 0.5);
  return flip === null ? forward : add(forward, mul(flip, sub(out, mul(forward, 2))));
}

function range(count: number, shape: readonly number[]): Tensor {
  return constant(
    Array.from({ length: count }, (_, i) => i),
    shape,
  );
}

/** The kernels at distances of 0 and more. */
const KERNELS = {
  bilinear: (t: Tensor) => relu(sub(1, t)),
  /** Keys' cubic with a = -½: with p = max(2 - t, 0) and q = max(1 - t, 0) it is ½p²(p - 1) + q²(1 - 2q). */
  bicubic(t: Tensor) {
    const p = relu(sub(2, t));
    const q = relu(sub(1, t));
    return add(mul(mul(mul(p, p), 0.5), sub(p, 1)), mul(mul(q, q), sub(1, mul(q, 2))));
  },
};
