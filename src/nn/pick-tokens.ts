import {
  add,
  cast,
  constant,
  equal,
  gather,
  matmul,
  reshape,
  shapeOf,
  sizeOfAxis,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";

/**
 * Tokens at given places: `[B, N, D]` and int32 `[B, n]` to `[B, n, D]`. With the inverse of a permutation as
 * places, tokens return to their original order.
 *
 * The derivative adds rows back to their places by a product with the one-hot matrix of the places, picture
 * by picture. One scatter over the batch would be computed by a single thread.
 */
export function pickTokens(tokens: Tensor, places: Tensor): Tensor {
  const [b, count, width] = shapeOf(tokens, 3, "pickTokens");
  const n = sizeOfAxis(places, 1, "pickTokens");
  const first = constant(
    Int32Array.from({ length: b }, (_, row) => row * count),
    [b, 1],
    "int32",
  );
  const rows = reshape(add(places, first), [b * n]);
  const picked = reshape(gather(reshape(tokens, [b * count, width]), cast(rows, "int64")), [b, n, width]);
  return withDerivative(picked, [tokens], (g) => [matmul(oneHot(places, count), g, { transposeA: true })]);
}

/**
 * `[B, n]` to `[B, n, count]`: 1 at the place of each row, otherwise 0. A row with a place below 0 is all
 * zeros.
 */
export function oneHot(places: Tensor, count: number): Tensor {
  const all = constant(
    Int32Array.from({ length: count }, (_, place) => place),
    [1, 1, count],
    "int32",
  );
  return cast(equal(reshape(places, [...places.shape, 1]), all), "float32");
}
