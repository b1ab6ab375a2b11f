import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankOf, relevantRanks } from "./ranks.ts";

/** Places by sorting everything. */
function places(scores: Float32Array, excluded = -1): Map<number, number> {
  const order = Array.from(scores.keys()).filter((row) => row !== excluded);
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return new Map(order.map((row, place) => [row, place + 1]));
}

// Few different values, of both signs, so that ties are common.
const scoreList = fc.array(fc.constantFrom(-1.5, -1e-30, 0, 1e-30, 0.25, 0.5, 3), {
  minLength: 2,
  maxLength: 60,
});

describe("ranks", () => {
  test("of one row are those of a whole sort", () => {
    fc.assert(
      fc.property(scoreList, fc.nat(), (list, at) => {
        const scores = Float32Array.from(list);
        const item = at % scores.length;
        expect(rankOf(scores, item)).toBe(places(scores).get(item));
      }),
      { seed: 1 },
    );
  });

  test("of many rows are those of a whole sort, with one row left out", () => {
    fc.assert(
      fc.property(scoreList, fc.infiniteStream(fc.boolean()), fc.boolean(), (list, chosen, excludes) => {
        // The array is a view into a longer one, as a row of a score matrix is.
        const scores = Float32Array.from([9, ...list]).subarray(1);
        const excluded = excludes ? 0 : -1;
        const relevant = Array.from(scores.keys()).filter((row) => row !== excluded && chosen.next().value);
        const isRelevant = Uint8Array.from(scores, (_, row) => (relevant.includes(row) ? 1 : 0));
        const all = places(scores, excluded);
        const expected = relevant.map((row) => all.get(row)!).sort((a, b) => a - b);
        expect(Array.from(relevantRanks(scores, relevant, isRelevant, excluded))).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});
