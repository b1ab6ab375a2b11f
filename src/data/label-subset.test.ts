import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LabelSubsetSize, labelSubset } from "./label-subset.ts";

/** Up to four classes with ten pictures or more each, in any order; some pictures have no label. */
const labelled = fc
  .tuple(fc.array(fc.integer({ min: 10, max: 40 }), { minLength: 1, maxLength: 4 }), fc.nat(5))
  .chain(([sizes, without]) => {
    const labels = [...sizes.flatMap((size, label) => new Array<number>(size).fill(label))];
    return fc.shuffledSubarray([...labels, ...new Array<number>(without).fill(-1)], {
      minLength: labels.length + without,
    });
  });

const count = (labels: readonly number[], rows: Iterable<number>, label: number) =>
  [...rows].filter((row) => labels[row] === label).length;

const contains = (larger: Int32Array, smaller: Int32Array) => smaller.every((row) => larger.includes(row));

describe("a subset of the labels", () => {
  test("has the share or the number of every class, in ascending places", () => {
    fc.assert(
      fc.property(labelled, fc.nat(100), (labels, seed) => {
        const [share, number] = [
          labelSubset(labels, { share: 0.1, seed }),
          labelSubset(labels, { perClass: 7, seed }),
        ];
        for (const label of new Set(labels)) {
          const all = label < 0 ? 0 : count(labels, labels.keys(), label);
          expect(count(labels, share, label)).toBe(Math.round(all * 0.1));
          expect(count(labels, number, label)).toBe(label < 0 ? 0 : 7);
        }
        for (const rows of [share, number]) {
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows).toEqual(rows.toSorted());
        }
      }),
      { seed: 1 },
    );
  });

  test("lies in every larger one of the same seed", () => {
    fc.assert(
      fc.property(
        labelled,
        fc.nat(100),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (labels, seed, share) => {
          const of = (size: LabelSubsetSize) => labelSubset(labels, { ...size, seed });
          expect(contains(of({ share }), of({ share: 0.1 }))).toBe(true);
          expect(contains(of({ perClass: 6 }), of({ perClass: 5 }))).toBe(true);
          expect(of({ share: 1 })).toEqual(Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0));
        },
      ),
      { seed: 2 },
    );
  });

  test("is a function of the seed and the places: other names of classes and further pictures change nothing", () => {
    fc.assert(
      fc.property(labelled, fc.nat(100), (labels, seed) => {
        const drawn = labelSubset(labels, { perClass: 3, seed });
        const renamed = labels.map((label) => (label < 0 ? label : 9 - 2 * label));
        expect(labelSubset(renamed, { perClass: 3, seed })).toEqual(drawn);
        expect(labelSubset([...labels, -1, 5, 5, 5], { perClass: 3, seed }).slice(0, -3)).toEqual(drawn);
      }),
      { seed: 3 },
    );
    const labels = new Int32Array(100);
    expect(labelSubset(labels, { perClass: 10, seed: 1 })).not.toEqual(
      labelSubset(labels, { perClass: 10, seed: 2 }),
    );
  });

  test("depends on names where pictures have them, and not on their order", () => {
    const shuffled = fc.shuffledSubarray([...Array(60).keys()], { minLength: 60 });
    fc.assert(
      fc.property(shuffled, fc.nat(100), (order, seed) => {
        const drawn = (places: readonly number[]) => {
          const own = {
            labels: places.map((place) => place % 3),
            names: places.map((place) => `${place}.png`),
          };
          const rows = labelSubset(own.labels, { perClass: 5, seed, names: own.names });
          return Array.from(rows, (row) => own.names[row]).sort();
        };
        expect(drawn(order)).toEqual(drawn([...Array(60).keys()]));
      }),
      { seed: 4 },
    );
  });

  test("holds every picture equally often", () => {
    const times = new Int32Array(20);
    for (let seed = 0; seed < 4000; seed++)
      for (const row of labelSubset(new Int32Array(20), { perClass: 5, seed })) times[row]!++;
    // 1000 expected, deviation √(4000 · 1/4 · 3/4) = 27.
    for (const each of times) expect(Math.abs(each - 1000)).toBeLessThan(4 * 27.4);
  });

  test("refuses a class that is too small and sizes out of range", () => {
    const labels = [0, 0, 0, 1];
    expect(() => labelSubset(labels, { perClass: 2, seed: 0 })).toThrow(
      "(class 1); expected 2 pictures; got 1",
    );
    expect(() => labelSubset(labels, { perClass: 2, seed: 0, classNames: ["cat", "dog"] })).toThrow(
      "(class dog)",
    );
    expect(() => labelSubset(labels, { share: 0.4, seed: 0 })).toThrow(
      "at least half a picture of 1; got 0.4",
    );
    expect(() => labelSubset(labels, { share: 1.1, seed: 0 })).toThrow("a share above 0");
    expect(() => labelSubset(labels, { perClass: 0.5, seed: 0 })).toThrow("whole number");
    expect(() => labelSubset([-1], { perClass: 1, seed: 0 })).toThrow("no labels");
  });
});
