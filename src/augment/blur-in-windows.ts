/**
 * Gaussian blur of large pictures, axis by axis, in windows. The places of a window depend on few others, and
 * the weights are the same in every window. A matrix of all places by all places would be mostly zeros.
 */
import {
  concat,
  constant,
  gather,
  matmul,
  mul,
  reshape,
  shapeOf,
  sizeOfAxis,
  slice,
  type Tensor,
} from "../tensor/index.ts";

/** Places of a window. Longer windows share more of their inputs; shorter ones have fewer zeros. */
const PLACES = 128;

/**
 * @param x pictures, `[B, C, N, N]`.
 * @param weights of each picture at distance 0 … radius, `[B, radius + 1]`.
 * @param places of a window.
 */
export function blurInWindows(x: Tensor, weights: Tensor, places = PLACES): Tensor {
  const [b, c, n] = shapeOf(x, 4, "blurInWindows");
  const radius = sizeOfAxis(weights, 1, "blurInWindows") - 1;
  const width = places + 2 * radius;
  const windows = windowPlaces(n, places, radius);
  const count = sizeOfAxis(windows, 0, "blurInWindows");
  const band = bandOf(weights, places); // [B, places, width]
  const rows = gather(x, windows, 2); // [B, C, count, width, N]
  const high = matmul(reshape(band, [b, 1, 1, places, width]), rows);
  const blurred = slice(reshape(high, [b, c, count * places, n]), [0, 0, 0, 0], [b, c, n, n]);
  const columns = reshape(gather(blurred, windows, 3), [b, c * n * count, width]);
  const wide = matmul(columns, band, { transposeB: true }); // [B, C·N·count, places]
  return slice(reshape(wide, [b, c, n, count * places]), [0, 0, 0, 0], [b, c, n, n]);
}

/**
 * The places that each window depends on, with reflected borders, int64 `[count, width]`. Beyond the last
 * place the values do not matter.
 */
function windowPlaces(n: number, places: number, radius: number): Tensor {
  const count = Math.ceil(n / places);
  const width = places + 2 * radius;
  const seen = Array.from({ length: count * width }, (_, i) => {
    const place = Math.floor(i / width) * places + (i % width) - radius;
    return Math.max(0, reflect(place, n));
  });
  return constant(seen, [count, width], "int64");
}

/** The weight of each input of a window for each of its places, `[B, places, width]`. */
function bandOf(weights: Tensor, places: number): Tensor {
  const [b, count] = shapeOf(weights, 2, "blurInWindows");
  const radius = count - 1;
  const width = places + 2 * radius;
  const none = count;
  const distances = Array.from({ length: places * width }, (_, i) => {
    const distance = Math.abs((i % width) - radius - Math.floor(i / width));
    return distance <= radius ? distance : none;
  });
  const zero = mul(slice(weights, [0, 0], [b, 1]), 0);
  return gather(concat([weights, zero], 1), constant(distances, [places, width], "int64"), 1);
}

/** The mirror image of a place outside of the picture; the border itself is not repeated. */
export function reflect(place: number, n: number): number {
  const inner = Math.abs(place);
  return inner < n ? inner : 2 * (n - 1) - inner;
}
