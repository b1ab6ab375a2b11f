/** What losses of masks have in common: pixels as rows of classes. */
import {
  cast,
  constant,
  equal,
  logSoftmax,
  mul,
  reshape,
  shapeOf,
  sum,
  type Tensor,
  transpose,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { requireClassWeights } from "./class-weights.ts";

export interface PixelOptions {
  /**
   * The label of pixels that do not count. Labels beyond the classes, such as 255, never count: a graph has
   * no way to refuse them. So this is for one of 0 … K - 1.
   */
  ignored?: number;
}

export interface PixelClasses {
  /** log softmax(logits), `[B, H, W, K]`. */
  logProbabilities: Tensor;
  /** 1 where the pixel has this label, otherwise 0: float32 `[B, H, W, K]`. All 0 where no label counts. */
  isClass: Tensor;
}

/**
 * @param user the loss that asks, for the error.
 * @param logits `[B, K, H, W]`.
 * @param labels `[B, H, W]`, int32, int64 or uint8.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other.
 */
export function pixelClasses(
  user: string,
  logits: Tensor,
  labels: Tensor,
  { ignored }: PixelOptions,
): PixelClasses {
  const isLabels = labels.dtype === "int32" || labels.dtype === "int64" || labels.dtype === "uint8";
  const fits = logits.rank === 4 && isLabels && sameShape(labels.shape, logits.shape.toSpliced(1, 1));
  if (!fits) throw shapeError(user, "logits [B, K, H, W] and integer labels [B, H, W]", [logits, labels]);
  const [b, k, h, w] = shapeOf(logits, 4, user);
  // A class that is ignored is compared with a label that no pixel has.
  const all = Array.from({ length: k }, (_, c) => (c === ignored ? -1 : c));
  const wide = cast(reshape(labels, [b, h, w, 1]), labels.dtype === "uint8" ? "int32" : labels.dtype);
  return {
    logProbabilities: logSoftmax(transpose(logits, [0, 2, 3, 1])),
    isClass: cast(equal(wide, constant(all, [1, 1, 1, k], wide.dtype)), "float32"),
  };
}

/**
 * `x` `[B, H, W, K]` times a weight for each class, or as it is.
 *
 * @throws AfterimageError `usage/value` for weights that are not above 0, or another number of them.
 */
export function weighted(x: Tensor, weights: readonly number[] | undefined): Tensor {
  if (weights === undefined) return x;
  const [, , , k] = shapeOf(x, 4, "class weights");
  requireClassWeights(weights, k);
  return mul(x, constant(weights, [1, 1, 1, k]));
}

/** What a denominator is at least, so that a mean over no pixel is 0. */
export const LEAST = 1e-30;

/** The sum over all axes, one after another from the last: one sum over millions would lose digits. */
export function sumByAxis(x: Tensor): Tensor {
  return x.rank === 0 ? x : sumByAxis(sum(x, [-1]));
}
