import fc from "fast-check";
import { expect, test } from "vitest";
import { linkedGroups } from "./linked-groups.ts";

test("groups are what can be reached by links, under their smallest place", () => {
  const links = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 12 });
  fc.assert(
    fc.property(links, (pairs) => {
      // Reachability written plainly: the smallest place goes round until nothing changes.
      const smallest = Array.from({ length: 12 }, (_, place) => place);
      for (let round = 0; round < 12; round++)
        for (const [a, b] of pairs) smallest[a] = smallest[b] = Math.min(smallest[a]!, smallest[b]!);
      expect([...linkedGroups(12, pairs)]).toEqual(smallest);
    }),
    { seed: 1 },
  );
});

test("links are between places that there are", () => {
  expect(() => linkedGroups(3, [[0, 3]])).toThrow("an integer in [0, 3)");
});
