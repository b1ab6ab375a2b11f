import { sizeOfAxis, sliceAxis, type Tensor } from "../tensor/index.ts";
import { linear } from "./layers.ts";
import type { Scope } from "./scope.ts";

/** Predictions, made at every place, of the place `ahead` further on. */
export interface Prediction {
  /** k, from 1 to L - 1. */
  ahead: number;
  /** The predictions from places 0 to L - k - 1, `[B, L - k, …, D]`. */
  rows: Tensor;
}

/**
 * Linear predictions, one map for each distance, from contexts `[B, L, …, E]`: of the places k further along
 * the second axis, `[B, L - k, …, out]`. Variables `<k>.weight` and `<k>.bias`.
 *
 * Source: CPC, arXiv 1807.03748, equation 3, W_k·c_t.
 *
 * @param distances each from 1 to L - 1.
 */
export function predictAhead(
  scope: Scope,
  contexts: Tensor,
  { distances, out }: { distances: readonly number[]; out: number },
): Prediction[] {
  const length = sizeOfAxis(contexts, 1, "predictAhead");
  return distances.map((ahead) => ({
    ahead,
    rows: linear(scope.at(ahead), sliceAxis(contexts, 1, 0, length - ahead), { out }),
  }));
}
