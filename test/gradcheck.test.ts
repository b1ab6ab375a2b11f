/**
 * Every operator of the table against a plain reference, and its derivative against finite differences of its
 * own forward pass.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPERATORS, type OperatorName } from "../src/tensor/index.ts";
import { checkEntry, ENTRIES, forAll, OPERATOR_ENTRIES, SEED } from "./operators/index.ts";
import { type Case, type CheckOptions, checkSecondGradient, uses } from "./support/gradcheck.ts";

const RUNS = 16;
const SECOND_RUNS = 6;

describe.each<CheckOptions>([{ contrib: true }, { contrib: false }, { contrib: false, opset: 17 }])(
  "with contrib operators: $contrib, opset $opset",
  (options) => {
    it.each(ENTRIES)(
      "%s agrees with its reference, and its derivative with finite differences",
      async (_, entry) => {
        await checkEntry(entry, RUNS, options);
      },
    );

    it.each(ENTRIES)("the gradient of %s can be differentiated again", async (_, entry) => {
      if (entry.stopsGradient) return;
      await forAll(entry, SECOND_RUNS, (c) => checkSecondGradient(c, options));
    });
  },
);

it.each(Object.keys(OPERATOR_ENTRIES) as OperatorName[])("the cases of %s really use it", (name) => {
  const cases = fc.sample(OPERATOR_ENTRIES[name].cases as fc.Arbitrary<Case>, { seed: SEED, numRuns: RUNS });
  expect(OPERATORS[name].name).toBe(name);
  expect(cases.filter((c) => uses(c, name)).length).toBeGreaterThan(RUNS / 3);
});
