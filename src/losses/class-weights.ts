import { AfterimageError } from "../errors.ts";
import { requirePositive } from "./by-temperature.ts";

/** @throws AfterimageError `usage/value` unless there are `classes` weights, each finite and above 0. */
export function requireClassWeights(weights: readonly number[], classes: number): void {
  if (weights.length !== classes) {
    throw new AfterimageError("usage/value", {
      what: "the class weights do not match the logits",
      expected: `${classes} numbers, one for each class`,
      got: `${weights.length}`,
    });
  }
  for (const [c, weight] of weights.entries()) requirePositive(`the weight of class ${c}`, weight);
}
