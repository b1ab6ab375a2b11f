import fc from "fast-check";
import { expect, test } from "vitest";
import { stratifiedFolds } from "./stratified-folds.ts";

const OPTIONS = { folds: 5, seed: 1, stream: "test" };

test("folds differ by at most one row, in every class and in all, and leave out what is alone", () => {
  const labelLists = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(labelLists, (labels) => {
      const foldOf = stratifiedFolds(labels, OPTIONS);
      const sizes = (keep: (row: number) => boolean) =>
        [0, 1, 2, 3, 4].map((fold) => labels.filter((_, row) => foldOf[row] === fold && keep(row)).length);
      for (const wanted of [-1, ...new Set(labels)]) {
        const counts = sizes((row) => wanted === -1 || labels[row] === wanted);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
      for (const [row, label] of labels.entries())
        expect(foldOf[row] === -1).toBe(labels.filter((other) => other === label).length === 1);
    }),
    { seed: 1 },
  );
});

test("folds are drawn by the seed, and need to be two", () => {
  const labels = new Int32Array(40);
  expect(stratifiedFolds(labels, OPTIONS)).toEqual(stratifiedFolds(labels, OPTIONS));
  expect(stratifiedFolds(labels, { ...OPTIONS, seed: 2 })).not.toEqual(stratifiedFolds(labels, OPTIONS));
  expect(() => stratifiedFolds(labels, { ...OPTIONS, folds: 1 })).toThrow("number of folds");
});
