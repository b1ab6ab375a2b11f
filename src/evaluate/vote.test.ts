import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankingsOf } from "../../test/support/orders.ts";
import { elect, groupEquals } from "./vote.ts";

const SETTINGS = { temperature: 0.5, metric: "cosine", classes: 3 } as const;
const NARROW = () => 1e-9;

describe("elect", () => {
  test("gives neighbours at the k-th place the share of orders in which they are among the first k", () => {
    // One of class 0 at cosine 0.9 weighs e^1.8 = 6.0. Of three of class 1 at 0.5, e^1 = 2.7 each, k leaves
    // room for one.
    const groups = groupEquals([0.9, 0.5, 0.5, 0.5], [0, 1, 1, 1], NARROW);
    expect(elect(groups, { ...SETTINGS, k: 2 }).first).toEqual([0]);
    expect(elect(groups, { ...SETTINGS, k: 3 }).first).toEqual([0]);
    expect(elect(groups, { ...SETTINGS, k: 4 }).first).toEqual([1]);
  });

  test("has the mean votes of all orders of equals", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (rows, most) => {
          const sorted = rows.toSorted(([a], [b]) => a - b);
          const [scores, labels] = [
            sorted.map(([place]) => [0.9, 0.5, 0.2][place]!),
            sorted.map(([, label]) => label),
          ];
          const k = Math.min(most, rows.length);
          const orders = rankingsOf(scores);
          const votes = [0, 1, 2].map((label) => {
            const heard = orders.flatMap((order) => order.slice(0, k)).filter((at) => labels[at] === label);
            return heard.reduce((sum, at) => sum + Math.exp(scores[at]! / 0.5), 0) / orders.length;
          });
          const highest = Math.max(...votes);
          const { first } = elect(groupEquals(scores, labels, NARROW), { ...SETTINGS, k });
          for (const label of first) expect(votes[label]).toBeCloseTo(highest, 9);
          // A class that is not first has fewer votes, or equal votes and no neighbour as near.
          for (const label of [0, 1, 2].filter(
            (one) => !first.includes(one) && votes[one]! > highest - 1e-9,
          )) {
            const nearest = (one: number) => Math.max(...scores.filter((_, at) => labels[at] === one));
            expect(nearest(label)).toBeLessThan(nearest(first[0]!));
          }
        },
      ),
      { seed: 5, numRuns: 1000 },
    );
  });

  test("gives equal votes to equally near classes together, and to the nearer one otherwise", () => {
    const euclidean = { ...SETTINGS, metric: "euclidean" } as const;
    const equal = groupEquals([-1, -1], [2, 1], NARROW);
    expect(elect(equal, { ...euclidean, k: 2 })).toEqual({ winner: 1, first: [1, 2] });
    const nearer = groupEquals([-1, -2], [2, 1], NARROW);
    expect(elect(nearer, { ...euclidean, k: 2 })).toEqual({ winner: 2, first: [2] });
  });
});
