import {
  add,
  constant,
  gather,
  mul,
  reshape,
  shapeOf,
  sizeOfAxis,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/*
 * Scores of all pairs of B pictures. Element [i, j] compares the whole of picture i with the whole of picture
 * j; element [i, j, m] compares the whole of i with place m of j. Positives have i = j. The functions below
 * use three axes throughout.
 */

/**
 * `[B, B]` as `[B, B, 1]`, and `[B, B, M]` as it is.
 *
 * @throws AfterimageError `tensor/shape` for other shapes, and for B below 2: then there are no negatives.
 */
export function asScores(operator: string, scores: Tensor): Tensor {
  const [rows, columns, places = 1] = scores.shape;
  if ((scores.rank !== 2 && scores.rank !== 3) || rows !== columns || rows === undefined || rows < 2)
    throw shapeError(operator, "scores [B, B] or [B, B, M] with B of at least 2", [scores]);
  return reshape(scores, [rows, rows, places]);
}

/** The scores of positives, `[B, M]`. */
export function positivesOf(scores: Tensor): Tensor {
  const [count, , places] = shapeOf(scores, 3, "a matrix of scores");
  const diagonal = Array.from({ length: count }, (_, i) => i * (count + 1));
  return gather(reshape(scores, [count * count, places]), constant(diagonal, [count], "int64"));
}

/** Added to the scores of positives, so that their exponential is 0. */
const EXCLUDED = -1e9;

/** Scores with the positives so low that their exponentials are 0. */
export function withoutPositives(scores: Tensor): Tensor {
  return add(scores, mul(sub(1, negativesMask(scores)), EXCLUDED));
}

/** `[B, B, 1]`: 1 for negatives, 0 for positives. */
export function negativesMask(scores: Tensor): Tensor {
  const count = sizeOfAxis(scores, 0, "a matrix of scores");
  const mask = Array.from({ length: count * count }, (_, k) => (k % (count + 1) === 0 ? 0 : 1));
  return constant(mask, [count, count, 1]);
}

/** How many scores of negatives there are. */
export function negativesCount(scores: Tensor): number {
  return scores.size - scores.size / sizeOfAxis(scores, 0, "a matrix of scores");
}
