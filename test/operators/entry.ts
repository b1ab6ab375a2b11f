/** An entry of the table of operators for the gradient check. */
import type fc from "fast-check";
import type { Case } from "../support/gradcheck.ts";

export interface Entry {
  /** Random uses of the operator. */
  cases: fc.Arbitrary<Case>;
  /** Uses that are checked in addition to the random ones. */
  examples?: readonly Case[];
  /** The derivative is deliberately not that of the computed function. */
  stopsGradient?: true;
}
