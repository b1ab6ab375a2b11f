/**
 * Every operator of the table against a plain reference, and its derivative against finite differences of its own
 * forward pass. An operator without an entry here does not compile.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPERATORS, type OperatorName } from "../src/tensor/index.ts";
import { channels } from "./operators/channels.ts";
import { convolutions } from "./operators/convolution.ts";
import { elementwise, elementwiseFunctions } from "./operators/elementwise.ts";
import type { Entry } from "./operators/entry.ts";
import { matmulAndNorm, matmulAndNormFunctions } from "./operators/matmul.ts";
import { movement, movementFunctions } from "./operators/movement.ts";
import { pools } from "./operators/pooling.ts";
import { reduce, reduceFunctions } from "./operators/reduce.ts";
import { source, sourceFunctions } from "./operators/source.ts";
import { type Case, checkForward, checkGradient, checkSecondGradient, uses } from "./support/gradcheck.ts";

const OPERATOR_ENTRIES = {
  ...source,
  ...movement,
  ...elementwise,
  ...reduce,
  ...matmulAndNorm,
  ...convolutions,
  ...channels,
  ...pools,
} satisfies Record<OperatorName, Entry>;

const FUNCTION_ENTRIES: Record<string, Entry> = {
  ...sourceFunctions,
  ...movementFunctions,
  ...elementwiseFunctions,
  ...reduceFunctions,
  ...matmulAndNormFunctions,
};

const SEED = 20;
const RUNS = 16;
const SECOND_RUNS = 6;

function forAll(entry: Entry, runs: number, check: (c: Case) => Promise<void>): Promise<void> {
  const examples = (entry.examples ?? []).map((c): [Case] => [c]);
  return fc.assert(fc.asyncProperty(entry.cases, check), {
    seed: SEED,
    examples,
    numRuns: examples.length + runs,
  });
}

describe.each([{ contrib: true }, { contrib: false }])("with contrib operators: $contrib", (options) => {
  const entries: [string, Entry][] = [
    ...Object.entries(OPERATOR_ENTRIES),
    ...Object.entries(FUNCTION_ENTRIES),
  ];

  it.each(entries)(
    "%s computes its reference and differentiates as finite differences say",
    async (_, entry) => {
      await forAll(entry, RUNS, async (c) => {
        await checkForward(c, options);
        if (!entry.stopsGradient) await checkGradient(c, options);
      });
    },
  );

  it.each(entries)("the gradient of %s differentiates once more", async (_, entry) => {
    if (entry.stopsGradient) return;
    await forAll(entry, SECOND_RUNS, (c) => checkSecondGradient(c, options));
  });
});

it.each(Object.keys(OPERATOR_ENTRIES) as OperatorName[])("the cases of %s really use it", (name) => {
  const cases = fc.sample(OPERATOR_ENTRIES[name].cases as fc.Arbitrary<Case>, { seed: SEED, numRuns: RUNS });
  expect(OPERATORS[name].name).toBe(name);
  expect(cases.filter((c) => uses(c, name)).length).toBeGreaterThan(RUNS / 3);
});
