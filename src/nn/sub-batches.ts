import { concat, split, type Tensor } from "../tensor/index.ts";

/**
 * Applies a network to equal parts of a batch, one after another, so that its batch norms see each part by itself, as they
 * do on several devices. Weights are shared; running statistics move once a part.
 *
 * @param x `[B, …]`.
 * @param parts how many; fewer where B does not divide into as many.
 */
export function inSubBatches(x: Tensor, parts: number, network: (part: Tensor) => Tensor): Tensor {
  const b = x.shape[0]!;
  const count =
    Array.from({ length: parts }, (_, i) => parts - i).find((n) => b % n === 0 && b / n >= 2) ?? 1;
  if (count === 1) return network(x);
  return concat(split(x, 0, new Array<number>(count).fill(b / count)).map(network));
}
