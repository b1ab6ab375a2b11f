import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareOutcomes, standardError } from "./standard-error.ts";

const rightOrWrong = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), {
  minLength: 1,
  maxLength: 200,
});

describe("standardError", () => {
  test("of right and wrong is the binomial one", () => {
    fc.assert(
      fc.property(rightOrWrong, (pairs) => {
        const outcomes = pairs.map(([x]) => x);
        const p = outcomes.filter((x) => x === 1).length / outcomes.length;
        expect(standardError(outcomes)).toBeCloseTo(Math.sqrt((p * (1 - p)) / outcomes.length), 12);
      }),
      { seed: 1 },
    );
    // 80 of 100 right: √(0.8 · 0.2 / 100).
    expect(standardError(Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : 0)))).toBeCloseTo(0.04, 12);
  });

  test("of other outcomes is the population's deviation by √n", () => {
    expect(standardError([0.25, 0.75])).toBeCloseTo(0.25 / Math.sqrt(2), 12);
  });

  test("refuses nothing, and what is not finite", () => {
    expect(() => standardError([])).toThrow("at least one");
    expect(() => standardError([1, Number.NaN])).toThrow("not finite");
  });
});

describe("compareOutcomes", () => {
  test("is McNemar's on right and wrong", () => {
    fc.assert(
      fc.property(rightOrWrong, (pairs) => {
        const b = pairs.filter(([x, y]) => x > y).length;
        const c = pairs.filter(([x, y]) => x < y).length;
        const first = pairs.map(([x]) => x);
        const second = pairs.map(([, y]) => y);
        const { difference, standardError: error, verdict } = compareOutcomes(first, second);
        expect(difference).toBeCloseTo((b - c) / pairs.length, 12);
        expect(error).toBeCloseTo(Math.sqrt(b + c) / pairs.length, 12);
        const z = b + c === 0 ? 0 : (b - c) / Math.sqrt(b + c);
        if (Math.abs(Math.abs(z) - 2) > 1e-9)
          expect(verdict).toBe(z > 2 ? "better" : z < -2 ? "worse" : "unclear");
      }),
      { seed: 2 },
    );
  });

  test("calls no difference within two standard errors better", () => {
    const among = (better: number) => Array.from({ length: 30 }, (_, i) => (i < better ? 1 : 0));
    expect(compareOutcomes(among(4), among(0)).verdict).toBe("unclear"); // 4 / √4 = 2
    expect(compareOutcomes(among(5), among(0)).verdict).toBe("better"); // 5 / √5 = 2.24
    expect(compareOutcomes(among(0), among(5)).verdict).toBe("worse");
    expect(compareOutcomes(among(7), among(7))).toEqual({
      difference: 0,
      standardError: 0,
      verdict: "unclear",
    });
    expect(compareOutcomes([1], [0]).verdict).toBe("unclear");
  });

  test("refuses outcomes of different pictures", () => {
    expect(() => compareOutcomes([1], [1, 0])).toThrow("as in the first list");
  });
});
