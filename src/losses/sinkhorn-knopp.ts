import { AfterimageError } from "../errors.ts";
import {
  add,
  logSoftmax,
  logSumExp,
  mul,
  type Operand,
  reshape,
  softmax,
  stopGradient,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";

export interface SinkhornOptions {
  /**
   * Divides the scores; above 0. Smaller values give sharper assignments. SwAV: .05; DINOv2: the teacher's
   * temperature.
   */
  epsilon: Operand;
  /** How often prototypes and rows are normalised, a whole number from 1; 3 in SwAV and DINOv2. */
  iterations?: number;
  /**
   * `[…, R]` of ones and zeros: which rows count. Rows that do not (padding, patches that are not masked) are
   * assigned too, but are left out of the prototypes' totals. All rows by default.
   */
  counted?: Tensor;
}

/** Subtracted from the logarithm of entries that do not count, so that their exponential is 0. */
const EXCLUDED = 1e9;

/**
 * Soft assignments of rows to K prototypes by Sinkhorn–Knopp, `[…, R, K]`: exp(scores / ε), alternately
 * divided by the prototypes' totals and by the rows' totals. Every row adds up to 1. With more iterations the
 * shares of the prototypes approach R/K of all rows. No gradient passes.
 *
 * The computation is on logarithms, so that scores of any size have finite assignments. Factors common to all
 * rows or all prototypes are left out, because the next division would remove them.
 *
 * Source: SwAV, arXiv 2006.09882, equations 3 to 5; `distributed_sinkhorn` in the authors' `main_swav.py`, on
 * one device.
 *
 * @param scores `[…, R, K]`; each matrix along the leading axes is assigned separately.
 * @throws AfterimageError `tensor/shape` for fewer than two axes or a `counted` that does not fit,
 * `usage/value` for iterations that are no whole number from 1.
 */
export function sinkhornKnopp(scores: Tensor, { epsilon, iterations = 3, counted }: SinkhornOptions): Tensor {
  requireSettings(scores, iterations, counted);
  const absent = counted && mul(sub(reshape(stopGradient(counted), [...counted.shape, 1]), 1), EXCLUDED);
  const shares = (logs: Tensor) => {
    const present = absent ? add(logs, absent) : logs;
    return sub(logs, logSumExp(present, [-2], true)); // minus [..., 1, K]
  };
  let logs = shares(stopGradient(byTemperature(scores, epsilon)));
  for (let i = 1; i < iterations; i++) logs = shares(logSoftmax(logs));
  return softmax(logs);
}

function requireSettings(scores: Tensor, iterations: number, counted?: Tensor): void {
  const fits = scores.rank >= 2 && (!counted || sameShape(counted.shape, scores.shape.slice(0, -1)));
  if (!fits)
    throw shapeError(
      "sinkhornKnopp",
      "scores […, R, K] and, if given, counted […, R]",
      counted ? [scores, counted] : [scores],
    );
  if (!Number.isInteger(iterations) || iterations < 1)
    throw new AfterimageError("usage/value", {
      what: "the number of iterations of sinkhornKnopp is out of range",
      expected: "a whole number, 1 or more",
      got: `${iterations}`,
    });
}
