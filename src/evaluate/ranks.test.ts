import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type TiedGroup, tiedGroups } from "./ranks.ts";

// Few different values, of both signs, so that ties are common.
const scoreList = fc.array(fc.constantFrom(-1.5, -0.5, 0, 0.25, 0.5, 3), { minLength: 2, maxLength: 60 });

/** Groups by a whole sort, where equal means equal. */
function sortedGroups(scores: readonly number[], isRelevant: Uint8Array, excluded: number): TiedGroup[] {
  const rows = [...scores.keys()].filter((row) => row !== excluded);
  const values = [...new Set(rows.map((row) => scores[row]!))].sort((a, b) => b - a);
  const count = (keep: (row: number) => boolean) => rows.filter(keep).length;
  return values.flatMap((value) => {
    const relevant = count((row) => scores[row] === value && isRelevant[row] === 1);
    const group = {
      before: count((row) => scores[row]! > value),
      relevantBefore: count((row) => scores[row]! > value && isRelevant[row] === 1),
      size: count((row) => scores[row] === value),
      relevant,
    };
    return relevant === 0 ? [] : [group];
  });
}

const NARROW = () => 1e-9;

describe("tiedGroups", () => {
  test("are those of a whole sort, with one row left out", () => {
    fc.assert(
      fc.property(scoreList, fc.infiniteStream(fc.boolean()), fc.boolean(), (list, chosen, excludes) => {
        // The array is a view into a longer one, as a row of a score matrix is.
        const scores = Float32Array.from([9, ...list]).subarray(1);
        const excluded = excludes ? 0 : -1;
        const relevant = [...list.keys()].filter((row) => row !== excluded && chosen.next().value);
        const isRelevant = Uint8Array.from(list, (_, row) => (relevant.includes(row) ? 1 : 0));
        const groups = tiedGroups(scores, relevant, isRelevant, excluded, NARROW);
        expect(groups).toEqual(sortedGroups(list, isRelevant, excluded));
      }),
      { seed: 1 },
    );
  });

  test("take scores that differ by less than the width for equal, on either side of a relevant row", () => {
    const scores = Float32Array.of(0.5 + 1e-6, 0.5, 0.5 - 1e-6, 0.5 + 1e-4, 0.5 - 1e-4);
    const isRelevant = Uint8Array.of(0, 1, 0, 0, 0);
    expect(tiedGroups(scores, [1], isRelevant, -1, () => 1e-5)).toEqual([
      { before: 1, relevantBefore: 0, size: 3, relevant: 1 },
    ]);
  });

  test("do not depend on the order of rows", () => {
    const close = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(close, fc.infiniteStream(fc.boolean()), (list, chosen) => {
        const scores = Float32Array.from(list);
        const isRelevant = Uint8Array.from(list, () => (chosen.next().value ? 1 : 0));
        const relevant = [...list.keys()].filter((row) => isRelevant[row] === 1);
        const turned = relevant.map((row) => list.length - 1 - row);
        const groups = tiedGroups(scores, relevant, isRelevant, -1, () => 2);
        const other = tiedGroups(scores.toReversed(), turned, isRelevant.toReversed(), -1, () => 2);
        expect(other).toEqual(groups);
        for (const { relevant: own, size } of groups) expect(size).toBeGreaterThanOrEqual(own);
        expect(groups.reduce((sum, { relevant: own }) => sum + own, 0)).toBe(relevant.length);
      }),
      { seed: 2 },
    );
  });
});
