/** What the table of operators says of each, for the gradient check. */
import type fc from "fast-check";
import type { Case } from "../support/gradcheck.ts";

export interface Entry {
  /** Random uses of the operator. */
  cases: fc.Arbitrary<Case>;
  /** Uses that are checked whatever is drawn. */
  examples?: readonly Case[];
  /** The derivative is not that of the function computed, on purpose. */
  stopsGradient?: true;
}
