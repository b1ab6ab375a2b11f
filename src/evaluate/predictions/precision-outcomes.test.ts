import fc from "fast-check";
import { expect, test } from "vitest";
import type { Matrix } from "../../formats/matrix.ts";
import { standardError } from "../standard-error.ts";
import { averagePrecision, meanAveragePrecision } from "./average-precision.ts";
import { precisionOutcomes } from "./precision-outcomes.ts";

const columnOf = ({ rows, cols, data }: Matrix, c: number) =>
  Array.from({ length: rows }, (_, r) => data[r * cols + c]!);

/** The jackknife as it is written: the score is computed anew without each picture. */
function plainJackknife(labels: Matrix, scores: Matrix): number[] {
  const { rows, cols } = labels;
  const all = meanAveragePrecision(labels, scores);
  const without = Array.from({ length: rows }, (_, i) => {
    const precisions = Array.from({ length: cols }, (_, c) => {
      const [own, ranked] = [labels, scores].map((m) => columnOf(m, c).toSpliced(i, 1));
      return averagePrecision(own!, ranked!) ?? all.byClass[c]!;
    }).filter((value) => value !== null);
    return precisions.reduce((sum, value) => sum + value, 0) / precisions.length;
  });
  const mean = without.reduce((sum, value) => sum + value, 0) / rows;
  return without.map((value) => all.macro + (rows - 1) * (mean - value));
}

test("the shares are those of the jackknife, with equal scores and labels that few pictures have", () => {
  const tables = fc.integer({ min: 2, max: 9 }).chain((rows) => {
    const table = (most: number) => fc.array(fc.nat(most), { minLength: rows * 3, maxLength: rows * 3 });
    return fc.tuple(fc.constant(rows), table(1), table(3));
  });
  fc.assert(
    fc.property(tables, ([rows, ones, values]) => {
      fc.pre(ones.includes(1));
      const matrix = (data: number[]) => ({ rows, cols: 3, data: Float32Array.from(data) });
      const [labels, scores] = [matrix(ones), matrix(values)];
      const got = precisionOutcomes(labels, scores);
      for (const [at, share] of plainJackknife(labels, scores).entries())
        expect(got[at]).toBeCloseTo(share, 10);
      const mean = got.reduce((sum, share) => sum + share, 0) / rows;
      expect(mean).toBeCloseTo(meanAveragePrecision(labels, scores).macro, 10);
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("a perfect ranking is certain, and one picture is refused", () => {
  const perfect = { rows: 4, cols: 1, data: Float32Array.of(1, 1, 0, 0) };
  expect(standardError(precisionOutcomes(perfect, perfect))).toBe(0);
  const one = { rows: 1, cols: 1, data: Float32Array.of(1) };
  expect(() => precisionOutcomes(one, one)).toThrow("at least two; got one");
});
