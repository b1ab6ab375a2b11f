import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkedGroups } from "./linked-groups.ts";
import { validationSplit } from "./validation-split.ts";

/** Pictures as [label, group]; -1 for no label. */
const pictures = fc.array(fc.tuple(fc.integer({ min: -1, max: 3 }), fc.nat(12)), {
  minLength: 1,
  maxLength: 80,
});
const labelsOf = (pairs: readonly (readonly [number, number])[]) => pairs.map(([label]) => label);

describe("a validation split", () => {
  test("has both sides of every labelled picture once, and the share of each class", () => {
    fc.assert(
      fc.property(pictures, fc.nat(50), (pairs, seed) => {
        const labels = labelsOf(pairs);
        const { training, validation } = validationSplit(labels, { share: 0.2, seed });
        const all = [...labels.keys()].filter((place) => labels[place]! >= 0);
        expect([...training, ...validation].sort((a, b) => a - b)).toEqual(all);
        expect(validation).toEqual(validation.toSorted());
        for (const label of new Set(labels.filter((own) => own >= 0))) {
          const members = labels.filter((own) => own === label).length;
          const held = validation.filter((place) => labels[place] === label).length;
          expect(held).toBe(Math.min(members - 1, Math.max(1, Math.round(members * 0.2))));
        }
      }),
      { seed: 1 },
    );
  });

  test("keeps groups on one side, and no class has more for validation than without groups", () => {
    fc.assert(
      fc.property(pictures, fc.nat(50), (pairs, seed) => {
        const [labels, groups] = [labelsOf(pairs), pairs.map(([, group]) => group)];
        const { training, validation } = validationSplit(labels, { share: 0.3, seed, groups });
        const trained = new Set([...training].map((place) => groups[place]));
        expect([...validation].some((place) => trained.has(groups[place]))).toBe(false);
        for (const label of new Set(labels)) {
          const count = (rows: Int32Array) => rows.filter((place) => labels[place] === label).length;
          const members = count(training) + count(validation);
          if (members > 0) expect(count(training)).toBeGreaterThanOrEqual(1);
          expect(count(validation)).toBeLessThanOrEqual(Math.max(1, Math.round(members * 0.3)));
        }
      }),
      { seed: 2 },
    );
  });

  test("fills the share of a class with groups that fit", () => {
    const labels = new Int32Array(100);
    const groups = Int32Array.from({ length: 100 }, (_, place) => Math.floor(place / 2));
    expect(validationSplit(labels, { share: 0.2, seed: 0, groups }).validation).toHaveLength(20);
    const one = validationSplit(labels, { share: 0.2, seed: 0, groups: new Int32Array(100) });
    expect(one.validation).toHaveLength(0);
  });

  test("is drawn by the seed only", () => {
    const labels = Int32Array.from({ length: 60 }, (_, place) => place % 3);
    const of = (seed: number) => validationSplit(labels, { share: 0.2, seed });
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  test("depends on names where pictures have them, and not on their order", () => {
    const shuffled = fc.shuffledSubarray([...Array(60).keys()], { minLength: 60 });
    fc.assert(
      fc.property(shuffled, fc.array(fc.nat(30), { minLength: 60, maxLength: 60 }), (order, group) => {
        const held = (places: readonly number[]) => {
          const labels = places.map((place) => place % 3);
          const names = places.map((place) => `${place}.png`);
          const groups = places.map((place) => group[place]!);
          const { validation } = validationSplit(labels, { share: 0.3, seed: 5, groups, names });
          return Array.from(validation, (row) => names[row]).sort();
        };
        expect(held(order)).toEqual(held([...Array(60).keys()]));
      }),
      { seed: 3 },
    );
  });

  test("refuses shares and groups that do not fit", () => {
    expect(() => validationSplit([0, 0], { share: 1, seed: 0 })).toThrow("below 1");
    expect(() => validationSplit([0, 0], { share: 0.5, seed: 0, groups: [1] })).toThrow("2 numbers");
  });

  test("keeps linked pictures together", () => {
    const labels = new Int32Array(9);
    const groups = linkedGroups(9, [
      [0, 8],
      [8, 4],
    ]);
    for (let seed = 0; seed < 20; seed++) {
      const { validation } = validationSplit(labels, { share: 0.4, seed, groups });
      expect([0, 3].includes(validation.filter((place) => [0, 4, 8].includes(place)).length)).toBe(true);
    }
  });
});
