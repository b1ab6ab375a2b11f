import fc from "fast-check";
import { expect, test } from "vitest";
import { classScores } from "./class-scores.ts";

test("scores of a known table", () => {
  // Recalls 2/4, 1/1; F1 of class 0 is 4/6, of 1 is 2/3, and of 2, which only the predictions have, 0.
  const { accuracy, balancedAccuracy, macroF1 } = classScores([0, 0, 0, 0, 1], [0, 0, 1, 2, 1]);
  expect(accuracy).toBeCloseTo(3 / 5, 12);
  expect(balancedAccuracy).toBeCloseTo(3 / 4, 12);
  expect(macroF1).toBeCloseTo((4 / 6 + 2 / 3 + 0) / 3, 12);
});

test("right predictions have 1 in each, whatever classes are absent", () => {
  expect(classScores([7, 2, 2], [7, 2, 2])).toEqual({ accuracy: 1, balancedAccuracy: 1, macroF1: 1 });
});

test("the order of the pictures and the numbers of the classes change nothing", () => {
  const pictures = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(pictures, (pairs) => {
      const of = (rows: readonly (readonly [number, number])[]) =>
        classScores(
          rows.map(([label]) => label),
          rows.map(([, predicted]) => predicted),
        );
      const moved = of(pairs.toReversed().map(([a, b]) => [(a * 2) % 5, (b * 2) % 5]));
      for (const [name, score] of Object.entries(of(pairs)))
        expect(moved[name as keyof typeof moved]).toBeCloseTo(score, 12);
    }),
    { seed: 1 },
  );
});
