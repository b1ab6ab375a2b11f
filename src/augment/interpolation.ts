/** Resizing as a matrix: `R_y · X · R_xᵀ`, with the antialiasing kernel of PIL and torchvision built into R. */
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
  greaterEqual,
  less,
  matmul,
  maximum,
  mul,
  relu,
  reshape,
  slice,
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
  /** 1 where the axis is turned round, else 0; null for never. */
  flip: Tensor | null;
}

/** The two matrices of a region. The rows' also brings bytes to [0, 1]. */
export interface ResizeMatrices {
  /** `[B, out, S]`. */
  rows: Tensor;
  /** `[B, S, out]`. */
  columns: Tensor;
}

/** Half the width of the kernel, in pixels, where nothing is made smaller. */
const REACH = { bilinear: 1, bicubic: 2 } as const;

/**
 * Crops each picture to its region and resizes that to `out` × `out`: x `[B, 3, S, S]` of bytes, as float32, to
 * `[B, 3, out, out]` in [0, 1]. What the cubic kernel throws beyond is cut off, as it is in pictures of bytes.
 */
export function cropResize(x: Tensor, region: Region, out: number, interpolation: Interpolation): Tensor {
  const resized = resize(x, resizeMatrices(region, out, x.shape[2]!, interpolation));
  return interpolation === "bicubic" ? clip(resized, 0, 1) : resized;
}

/** x `[B, 3, S, S]` between its matrices. */
export function resize(x: Tensor, { rows, columns }: ResizeMatrices): Tensor {
  const [b, c, s] = x.shape as [number, number, number];
  const [height, width] = [rows.shape[1]!, columns.shape[2]!];
  const high = matmul(reshape(rows, [b, 1, height, s]), x); // [B, 3, height, S]
  return reshape(matmul(reshape(high, [b, c * height, s]), columns), [b, c, height, width]);
}

/**
 * The matrices that resize each picture's region to `out` × `out`.
 *
 * Output i looks at the pixels around `start + (i + ½)·extent / out` through the kernel, made as much wider as the
 * picture becomes smaller; pixels outside the region do not count, and the weights of the others add up to 1.
 * Source: PIL `ImagingResample`; torchvision `resized_crop(antialias=True)`.
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
    rows: spread(transpose(rowWeights!), transpose(rowPlaces!), 2, canvas),
    columns: spread(columnWeights!, columnPlaces!, 1, canvas),
  };
}

/**
 * The weights at their places along `axis`, zeros elsewhere. The zeros are computed: constant ones would be kept,
 * whole, for as long as the session lives, and copied at every run.
 */
function spread(weights: Tensor, places: Tensor, axis: number, count: number): Tensor {
  const zero = mul(cast(slice(places, [0, 0, 0], [1, 1, 1]), "float32"), 0);
  const zeros = expand(
    zero,
    weights.shape.map((size, a) => (a === axis ? count : size)),
  );
  return apply1(scatterAddAxisOperator, [zeros, places, weights], axis);
}

/** `[B, 2, K, out]` to one `[B, K, out]` for each axis of the picture. */
function axes(both: Tensor): Tensor[] {
  const [b, , k, out] = both.shape as [number, number, number, number];
  return split(both, 1, [1, 1]).map((one) => reshape(one, [b, k, out]));
}

/** Weights (float32) and places (int64) of the K pixels that each output looks at, `[B, 2, K, out]`. */
function taps(region: Region, out: number, canvas: number, interpolation: Interpolation) {
  const perAxis = (x: Tensor) => reshape(x, [x.shape[0]!, 2, 1, 1]);
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

/** The middles of the outputs, ½ … out - ½, the other way round where flipped. */
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
