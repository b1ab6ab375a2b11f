import { oneHot } from "../nn/one-hot.ts";
import { add, constant, div, mul, type Operand, sum, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { requireClassWeights } from "./class-weights.ts";
import { requireSmoothing } from "./require-smoothing.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

export interface CrossEntropyOptions {
  /** Label smoothing ε, from 0 and below 1; 0 by default. The target becomes (1 - ε) · target + ε / K. */
  smoothing?: number;
  /** A factor above 0 for each of K classes; 1 by default. */
  classWeights?: readonly number[];
}

/**
 * Cross-entropy of class labels or soft targets under softmax(logits), a scalar in nats, from 0, with the
 * options of `torch.nn.functional.cross_entropy`. With q the smoothed targets and w the class weights it is
 * -Σ over rows of Σ_k w_k · q_k · log softmax(logits)_k, divided by Σ over rows of w_label for labels, by B
 * for soft targets.
 *
 * Source of label smoothing: Szegedy et al. 2015, arXiv 1512.00567, section 7.
 *
 * @param logits `[B, K]`.
 * @param targets `[B]` int32 or int64, each in 0 … K - 1 (not checked: they are known only when the graph
 * runs); or `[B, K]` float32, rows that sum to 1, which get no gradient.
 * @throws AfterimageError `tensor/shape` when the two do not fit each other; `usage/value` for another
 * smoothing, weights that are not above 0, or another number of them.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { smoothing = 0, classWeights } = options;
  const isLabels = targets.dtype === "int32" || targets.dtype === "int64";
  const [b, k] = logits.shape as [number, number];
  if (logits.rank !== 2 || !sameShape(targets.shape, isLabels ? [b] : [b, k]) || targets.dtype === "bool")
    throw shapeError("crossEntropy", "logits [B, K], and labels [B] or targets [B, K]", [logits, targets]);
  requireSmoothing(smoothing);
  const certain = isLabels ? oneHot(targets, k) : targets;
  const smooth = smoothing === 0 ? certain : add(mul(certain, 1 - smoothing), smoothing / k);
  if (classWeights === undefined) return softCrossEntropy(logits, smooth, 1);
  const weights = weightsOf(classWeights, k);
  // The mean over B rows becomes one over the weights of their labels.
  const share: Operand = isLabels ? div(b, sum(mul(certain, weights))) : 1;
  return softCrossEntropy(logits, mul(mul(smooth, weights), share), 1);
}

function weightsOf(weights: readonly number[], classes: number): Tensor {
  requireClassWeights(weights, classes);
  return constant(weights, [1, classes]);
}
