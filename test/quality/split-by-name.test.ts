import fc from "fast-check";
import { expect, test } from "vitest";
import { splitByName } from "../../quality/split-by-name.ts";

const drawings = fc.array(
  fc.record({ name: fc.constantFrom(..."abcdefghijkl"), category: fc.constantFrom("food", "flags") }),
  { minLength: 1, maxLength: 60 },
);

test("every picture is on one side, and all pictures of a name are on the same side", () => {
  fc.assert(
    fc.property(drawings, fc.integer({ min: 0, max: 9 }), (pictures, seed) => {
      const { train, test: held } = splitByName(pictures, { share: 0.25, seed });
      expect([...train, ...held].sort((a, b) => a - b)).toEqual([...pictures.keys()]);
      const namesOf = (rows: readonly number[]) => new Set(rows.map((row) => pictures[row]!.name));
      expect([...namesOf(train)].filter((name) => namesOf(held).has(name))).toEqual([]);
    }),
  );
});

test("the seed chooses the quarter of each category's names that is held out", () => {
  const pictures = Array.from({ length: 80 }, (_, i) => ({
    name: `n${i % 40}`,
    category: i % 40 < 20 ? "food" : "flags",
  }));
  const split = splitByName(pictures, { share: 0.25, seed: 0 });
  const held = split.test.map((row) => pictures[row]!);
  expect(held.filter(({ category }) => category === "food")).toHaveLength(10);
  expect(held.filter(({ category }) => category === "flags")).toHaveLength(10);
  expect(splitByName(pictures, { share: 0.25, seed: 0 })).toEqual(split);
  expect(splitByName(pictures, { share: 0.25, seed: 1 })).not.toEqual(split);
});
