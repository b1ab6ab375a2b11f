import { constant, matmul, shapeOf, type Tensor } from "../tensor/index.ts";

/**
 * Resizes views `[B, C, S, S]` to `[B, C, size, size]`: the matrix product `R · X · Rᵀ` with the bilinear
 * kernel, antialiased where views become smaller, as `torchvision.transforms.functional.resize`. Views of
 * that size already are returned as they are.
 *
 * @throws AfterimageError `tensor/shape` for anything but square maps.
 */
export function resizeView(views: Tensor, size: number): Tensor {
  const [, , side] = shapeOf(views, 4, "resizeView");
  if (side === size) return views;
  const weights = bilinearWeights(side, size);
  const rows = constant(weights, [size, side]);
  const columns = constant(transposed(weights, side), [side, size]);
  return matmul(matmul(rows, views), columns);
}

function transposed(weights: Float32Array, cols: number): Float32Array {
  const rows = weights.length / cols;
  return weights.map((_, at) => weights[(at % rows) * cols + Math.floor(at / rows)] as number);
}

/** `[to, from]`: output i is a weighted mean around (i + ½) · from / to; the weights of each add up to 1. */
function bilinearWeights(from: number, to: number): Float32Array {
  const scale = from / to;
  const reach = Math.max(1, scale);
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const distance = (j: number) => Math.abs((j + 0.5 - (i + 0.5) * scale) / reach);
    const row = Array.from({ length: from }, (_, j) => Math.max(0, 1 - distance(j)));
    const total = row.reduce((sum, weight) => sum + weight);
    for (const [j, weight] of row.entries()) weights[i * from + j] = weight / total;
  }
  return weights;
}
