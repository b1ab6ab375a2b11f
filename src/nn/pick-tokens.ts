import { add, cast, constant, gather, reshape, type Tensor } from "../tensor/index.ts";

/**
 * Tokens at given places: `[B, N, D]` and int32 `[B, n]` to `[B, n, D]`. What picks in the order of the places also puts
 * back: with the inverse of a permutation as places, tokens return to where they were.
 */
export function pickTokens(tokens: Tensor, places: Tensor): Tensor {
  const [b, count, width] = tokens.shape as [number, number, number];
  const first = constant(
    Int32Array.from({ length: b }, (_, row) => row * count),
    [b, 1],
    "int32",
  );
  const rows = reshape(add(places, first), [places.size]);
  return reshape(gather(reshape(tokens, [b * count, width]), cast(rows, "int64")), [...places.shape, width]);
}
