import type { Prediction } from "../nn/predict-ahead.ts";
import { div, type Operand, reshape, sizeOfAxis, sliceAxis, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { infoNceWithAccuracy } from "./info-nce.ts";
import { added } from "./stretches.ts";

export interface PredictiveCodingInputs {
  /**
   * The sequences to predict: B sequences of L places, `[B, L, …, D]`. Further axes, such as columns, are
   * predicted side by side.
   */
  targets: Tensor;
  predictions: readonly Prediction[];
  /** Divides the similarities; above 0. */
  temperature: Operand;
  /** Whether predictions and targets are compared by cosine; by dot product by default, as in the papers. */
  normalize?: boolean;
}

export interface PredictiveCodingResult {
  /** The value of {@link predictiveCoding}. */
  loss: Tensor;
  /**
   * The share of predictions that are nearer to their target than to any other; the mean over the distances
   * k.
   */
  accuracy: Tensor;
}

/**
 * Contrastive predictive coding, a scalar in nats: InfoNCE between each prediction and its target, with the
 * targets of all other places of all sequences as negatives; the mean over places, and then over the
 * distances k. Targets that are all equal give ln(B·L·…).
 *
 * Source: CPC, arXiv 1807.03748, equation 4; CPC v2, arXiv 1905.09272, appendix A.2, which adds up the
 * distances instead.
 *
 * @throws AfterimageError `tensor/shape` when there are no predictions or they do not fit their targets.
 */
export function predictiveCoding(inputs: PredictiveCodingInputs): Tensor {
  return predictiveCodingWithAccuracy(inputs).loss;
}

/** {@link predictiveCoding} and its accuracy. Parts of the result that are not used cost nothing. */
export function predictiveCodingWithAccuracy(inputs: PredictiveCodingInputs): PredictiveCodingResult {
  const { targets, predictions, temperature, normalize = false } = inputs;
  if (predictions.length === 0) throw shapeError("predictiveCoding", "at least one prediction", [targets]);
  const each = predictions.map((prediction) => {
    const candidates = candidatesOf(targets, prediction);
    return infoNceWithAccuracy(rowsOf(prediction.rows), candidates, { temperature, normalize });
  });
  const meanOf = (name: keyof PredictiveCodingResult) =>
    div(added(each.map((result) => result[name])), each.length);
  return { loss: meanOf("loss"), accuracy: meanOf("accuracy") };
}

/** The targets as rows: first those with predictions, in the order of the predictions. */
function candidatesOf(targets: Tensor, { ahead, rows }: Prediction): [Tensor, Tensor] {
  const length = sizeOfAxis(targets, 1, "predictiveCoding");
  const predicted = targets.shape.map((size, axis) => (axis === 1 ? size - ahead : size));
  if (!(ahead >= 1 && ahead < length) || `${rows.shape}` !== `${predicted}`)
    throw shapeError("predictiveCoding", `predictions [${predicted}] for ${ahead} ahead`, [targets, rows]);
  return [rowsOf(sliceAxis(targets, 1, ahead, length)), rowsOf(sliceAxis(targets, 1, 0, ahead))];
}

const rowsOf = (x: Tensor) => reshape(x, [-1, sizeOfAxis(x, -1, "predictiveCoding")]);
