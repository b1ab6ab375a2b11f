/** The context of each row in a grid of features, from the top down: masked convolutions. */
import { add, pad, relu, sizeOfAxis, type Tensor } from "../tensor/index.ts";
import { conv } from "./layers.ts";
import type { Scope } from "./scope.ts";

export interface RowContextOptions {
  /** Residual blocks. Each sees one more row, and one more column on either side. */
  layers: number;
  /** Channels within a block. */
  width: number;
}

/**
 * From a grid of features `[B, D, R, K]` to contexts of the same shape. The context of row i depends on rows
 * up to i only. Each block adds to its input the output of `conv1` (1×1), `conv2` (1×3), `conv3` (2×1, the
 * row above and its own) and `conv4` (1×1); variables `<block>.conv1.weight`, ….
 *
 * Source: CPC v2 (Hénaff et al. 2019, arXiv 1905.09272), appendix A.2, `pixelCNN`.
 */
export function rowContext(scope: Scope, grid: Tensor, { layers, width }: RowContextOptions): Tensor {
  let context = grid;
  for (let index = 0; index < layers; index++) context = residual(scope.at(index), context, width);
  return scope.labelled(() => relu(context));
}

function residual(scope: Scope, x: Tensor, width: number): Tensor {
  let y = conv(scope.at("conv1"), x, { out: width, kernel: 1, bias: true });
  y = conv(scope.at("conv2"), relu(y), { out: width, kernel: [1, 3], padding: [0, 1], bias: true });
  const below = pad(y, [0, 0, 1, 0], [0, 0, 0, 0]); // [B, width, 1 + R, K]: the row above the first is 0
  y = conv(scope.at("conv3"), below, { out: width, kernel: [2, 1], bias: true });
  y = conv(scope.at("conv4"), relu(y), { out: sizeOfAxis(x, 1, "rowContext"), kernel: 1, bias: true });
  return scope.labelled(() => add(x, y));
}
