import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustedRandIndex } from "./adjusted-rand-index.ts";
import { contingencyTable } from "./contingency-table.ts";

const value = fc.integer({ min: 0, max: 3 });
const pictures = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 });

/** (Rand - expected) / (most - expected), with the numbers of pairs that are together, pair by pair. */
function byPairs(pairs: readonly (readonly [number, number])[]): number {
  let [both, first, second, all] = [0, 0, 0, 0];
  for (const [i, [a, b]] of pairs.entries()) {
    for (const [c, d] of pairs.slice(i + 1)) {
      all += 1;
      first += a === c ? 1 : 0;
      second += b === d ? 1 : 0;
      both += a === c && b === d ? 1 : 0;
    }
  }
  const expected = (first * second) / all;
  const most = (first + second) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}

describe("adjustedRandIndex", () => {
  test("is what looking at each pair gives", () => {
    fc.assert(
      fc.property(pictures, (pairs) => {
        const [labels, clusters] = [pairs.map(([label]) => label), pairs.map(([, cluster]) => cluster)];
        expect(adjustedRandIndex(contingencyTable(labels, clusters))).toBeCloseTo(byPairs(pairs), 10);
      }),
    );
  });

  test("is 1 for equal divisions, 0 for one cluster, and -0.5 at least", () => {
    expect(adjustedRandIndex(contingencyTable([0, 0, 1, 2], [2, 2, 0, 1]))).toBe(1);
    expect(adjustedRandIndex(contingencyTable([4], [9]))).toBe(1);
    expect(adjustedRandIndex(contingencyTable([0, 0, 1, 1], [0, 0, 0, 0]))).toBe(0);
    expect(adjustedRandIndex(contingencyTable([0, 0, 1, 1], [0, 1, 0, 1]))).toBe(-0.5);
  });

  test("needs counts", () => {
    expect(() => adjustedRandIndex({ rows: 1, cols: 2, data: [0.5, 0.5] })).toThrow("needs counts");
  });
});
