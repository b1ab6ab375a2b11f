import { add, mul, type Operand, stopGradient, type Tensor } from "../tensor/index.ts";
import { type InfoNceResult, infoNceWithAccuracy } from "./info-nce.ts";

export interface MocoV3Inputs {
  /** The predictor's rows for the first and the second view, `[B, D]` each. */
  queries: readonly [Tensor, Tensor];
  /**
   * The momentum encoder's rows for the first and the second view, `[B, D]` each. No gradient passes through
   * them.
   */
  keys: readonly [Tensor, Tensor];
  /** Above 0; 0.2 in the paper. */
  temperature: Operand;
  /** As in `infoNce`. */
  rowsAtOnce?: number;
}

/**
 * MoCo v3's loss, a scalar: 2τ · (InfoNCE of the first view's queries with the second view's keys, plus the
 * reverse), by cosine. The factor 2τ keeps the size of gradients about the same at different temperatures.
 * Rows that are all equal give 4τ·ln B.
 *
 * Source: arXiv 2104.02057, algorithm 1; `contrastive_loss` and `forward` in the authors' `moco/builder.py`.
 *
 * @throws AfterimageError `tensor/shape` when the rows do not fit each other.
 */
export function mocoV3Loss(inputs: MocoV3Inputs): Tensor {
  return mocoV3LossWithAccuracy(inputs).loss;
}

/**
 * {@link mocoV3Loss} and the mean accuracy of both directions. Parts of the result that are not used cost
 * nothing.
 */
export function mocoV3LossWithAccuracy({ queries, keys, ...options }: MocoV3Inputs): InfoNceResult {
  const [one, other] = queries.map((rows, view) =>
    infoNceWithAccuracy(rows, stopGradient(keys[1 - view]!), options),
  ) as [InfoNceResult, InfoNceResult];
  return {
    loss: mul(add(one.loss, other.loss), mul(options.temperature, 2)),
    accuracy: mul(add(one.accuracy, other.accuracy), 0.5),
  };
}
