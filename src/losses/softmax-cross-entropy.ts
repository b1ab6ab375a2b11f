import {
  argmax,
  cast,
  equal,
  gatherAlong,
  logSoftmax,
  mean,
  neg,
  reshape,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";

/**
 * Cross-entropy of class labels under softmax, a scalar in nats: -mean over B of log softmax(logits)[label].
 *
 * @param logits `[B, K]`.
 * @param labels `[B]`, int32 or int64, each in 0 … K - 1 (not checked: they are known only when the graph
 * runs).
 * @throws AfterimageError `tensor/shape` when the two do not fit each other.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const isInteger = labels.dtype === "int32" || labels.dtype === "int64";
  if (logits.rank !== 2 || labels.rank !== 1 || labels.size !== logits.shape[0] || !isInteger)
    throw shapeError("softmaxCrossEntropy", "logits [B, K] and integer labels [B]", [logits, labels]);
  const column = reshape(labels, [labels.size, 1]); // [B, 1]
  return neg(mean(gatherAlong(logSoftmax(logits), column, 1)));
}

/** {@link softmaxCrossEntropy}, and the share of rows whose largest logit is that of their label. */
export function softmaxCrossEntropyWithAccuracy(
  logits: Tensor,
  labels: Tensor,
): { loss: Tensor; accuracy: Tensor } {
  const loss = softmaxCrossEntropy(logits, labels);
  const isHit = equal(argmax(logits, 1), cast(labels, "int64"));
  return { loss, accuracy: mean(cast(isHit, "float32")) };
}
