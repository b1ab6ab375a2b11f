import {
  add,
  cast,
  constant,
  equal,
  gather,
  matmul,
  reshape,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";

/**
 * Tokens at given places: `[B, N, D]` and int32 `[B, n]` to `[B, n, D]`. What picks in the order of the
 * places also puts back: with the inverse of a permutation as places, tokens return to where they were.
 *
 * The derivative adds rows back to their places by a product with the one-hot matrix of the places, picture
 * by picture: as one scatter over the batch it would be computed by a single thread.
 */
export function pickTokens(tokens: Tensor, places: Tensor): Tensor {
  const [b, count, width] = tokens.shape as [number, number, number];
  const n = places.shape[1]!;
  const first = constant(
    Int32Array.from({ length: b }, (_, row) => row * count),
    [b, 1],
    "int32",
  );
  const rows = reshape(add(places, first), [b * n]);
  const picked = reshape(gather(reshape(tokens, [b * count, width]), cast(rows, "int64")), [b, n, width]);
  return withDerivative(picked, [tokens], (g) => [matmul(oneHot(places, count), g, { transposeA: true })]);
}

/** 1 where a row's place is, else 0: `[B, n]` to `[B, n, count]`. A place below 0 is nowhere. */
export function oneHot(places: Tensor, count: number): Tensor {
  const all = constant(
    Int32Array.from({ length: count }, (_, place) => place),
    [1, 1, count],
    "int32",
  );
  return cast(equal(reshape(places, [...places.shape, 1]), all), "float32");
}
