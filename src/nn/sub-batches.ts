import { concat, sizeOfAxis, split, type Tensor } from "../tensor/index.ts";

/**
 * Applies a network to equal parts of a batch, one after another, so that its batch norms see each part
 * separately, as they do on several devices. Weights are shared; running statistics are updated once for each
 * part.
 *
 * @param x `[B, …]`.
 * @param parts the number of parts; fewer if B does not divide into that many: see {@link partsOf}.
 */
export function inSubBatches(x: Tensor, parts: number, network: (part: Tensor) => Tensor): Tensor {
  return concat(subBatches(x, parts).map(network));
}

/**
 * `x` `[B, …]` in as many equal parts as {@link partsOf} allows, for networks that give more than one tensor.
 */
export function subBatches(x: Tensor, parts: number): readonly Tensor[] {
  const b = sizeOfAxis(x, 0, "subBatches");
  const count = partsOf(b, parts);
  return split(x, 0, new Array<number>(count).fill(b / count));
}

/**
 * The number of equal parts, each of at least 2 rows, that `rows` is divided into: at most `parts`, and 1 if
 * there is no such number.
 */
export function partsOf(rows: number, parts: number): number {
  const counts = Array.from({ length: parts }, (_, i) => parts - i);
  return counts.find((count) => rows % count === 0 && rows / count >= 2) ?? 1;
}
