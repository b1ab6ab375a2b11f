import { linear } from "../nn/layers.ts";
import type { Scope } from "../nn/scope.ts";
import { concat, full, reshape, shapeOf, type Tensor, tanh } from "../tensor/index.ts";

/** The hidden layer of contexts and a column of ones: embedded words `[B, n - 1, D]` to `[B, H + 1]`. */
export function hiddenLayer(scope: Scope, embedded: Tensor, hidden: number): Tensor {
  const [rows, words, width] = shapeOf(embedded, 3, "the embedded words of contexts");
  const x = reshape(embedded, [rows, words * width]); // [B, (n - 1) · D]
  const h = tanh(linear(scope.at("hidden"), x, { out: hidden })); // [B, H]
  return concat([h, full([rows, 1], 1)], 1);
}
