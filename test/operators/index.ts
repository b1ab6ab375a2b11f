/** The table of operators for the gradient check. Without an entry for every operator it does not compile. */
import type { OperatorName } from "afterimage/tensor";
import fc from "fast-check";
import { type Case, type CheckOptions, checkForward, checkGradient } from "../support/gradcheck.ts";
import { channels } from "./channels.ts";
import { convolutions } from "./convolution.ts";
import { elementwise, elementwiseFunctions } from "./elementwise.ts";
import type { Entry } from "./entry.ts";
import { matmulAndNorm, matmulAndNormFunctions } from "./matmul.ts";
import { movement, movementFunctions } from "./movement.ts";
import { pools } from "./pooling.ts";
import { reduce, reduceFunctions } from "./reduce.ts";
import { resampling } from "./resample.ts";
import { source, sourceFunctions } from "./source.ts";

export const OPERATOR_ENTRIES = {
  ...source,
  ...movement,
  ...elementwise,
  ...reduce,
  ...matmulAndNorm,
  ...convolutions,
  ...channels,
  ...pools,
  ...resampling,
} satisfies Record<OperatorName, Entry>;

const FUNCTION_ENTRIES: Record<string, Entry> = {
  ...sourceFunctions,
  ...movementFunctions,
  ...elementwiseFunctions,
  ...reduceFunctions,
  ...matmulAndNormFunctions,
};

/** Operators, and functions composed of several operators. */
export const ENTRIES: readonly [string, Entry][] = [
  ...Object.entries(OPERATOR_ENTRIES),
  ...Object.entries(FUNCTION_ENTRIES),
];

export const SEED = 20;

/** Checks an entry's examples, and `runs` random uses of it. */
export function forAll(entry: Entry, runs: number, check: (c: Case) => Promise<void>): Promise<void> {
  const examples = (entry.examples ?? []).map((c): [Case] => [c]);
  return fc.assert(fc.asyncProperty(entry.cases, check), {
    seed: SEED,
    examples,
    numRuns: examples.length + runs,
  });
}

/** Compares uses of an entry with their references, and their derivatives with finite differences. */
export function checkEntry(entry: Entry, runs: number, options: CheckOptions): Promise<void> {
  return forAll(entry, runs, async (c) => {
    await checkForward(c, options);
    if (!entry.stopsGradient) await checkGradient(c, options);
  });
}
