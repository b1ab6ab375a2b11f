import { expect, it } from "vitest";
import { typicalQueries } from "../../demo/typical-queries.ts";

it("has the share of correct answers among all queries, for every encoder at once", () => {
  const often = Array.from({ length: 400 }, (_, i) => i % 4 !== 0); // .75
  const seldom = Array.from({ length: 400 }, (_, i) => i % 4 === 1); // .25
  for (const seed of [0, 1, 2]) {
    const queries = typicalQueries([often, seldom], 8, seed);
    expect(new Set(queries).size).toBe(8);
    expect(queries.filter((query) => often[query])).toHaveLength(6);
    expect(queries.filter((query) => seldom[query])).toHaveLength(2);
  }
});
