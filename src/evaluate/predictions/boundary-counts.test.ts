import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundaryCounts } from "./boundary-counts.ts";

interface Masks {
  classes: number;
  rows: number;
  columns: number;
  reach: number;
  labels: number[];
  predictions: number[];
}

const IGNORED = 9;

/** The definition: of each class's mask what squares around the outside reach. */
function plain({ classes, rows, columns, reach, labels, predictions }: Masks): number[] {
  const guessed = predictions.map((guess, i) => (labels[i] === IGNORED ? IGNORED : guess));
  const band = (map: readonly number[], c: number) =>
    map.map((value, i) => {
      if (value !== c) return false;
      const [row, column] = [Math.floor(i / columns), i % columns];
      for (let y = row - reach; y <= row + reach; y++)
        for (let x = column - reach; x <= column + reach; x++)
          if (y < 0 || x < 0 || y >= rows || x >= columns || map[y * columns + x] !== c) return true;
      return false;
    });
  return Array.from({ length: classes }, (_, c) => {
    const [a, b] = [band(labels, c), band(guessed, c)];
    const both = a.filter((inA, i) => inA && b[i]).length;
    return both / a.filter((inA, i) => inA || b[i]).length;
  });
}

const masks: fc.Arbitrary<Masks> = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    reach: fc.integer({ min: 1, max: 2 }),
    cells: fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, IGNORED), fc.constantFrom(0, 0, 0, 1, 2)), {
      minLength: 81,
      maxLength: 81,
    }),
  })
  .map(({ rows, columns, reach, cells }) => {
    // Blocks of pixels, so that there is an inside.
    const cell = (i: number) =>
      cells[Math.floor(Math.floor(i / columns) / 4) * 9 + Math.floor((i % columns) / 4)]!;
    const places = Array.from({ length: rows * columns }, (_, i) => cell(i));
    const [labels, predictions] = [places.map(([a]) => a), places.map(([, b]) => b)];
    return { classes: 3, rows, columns, reach, labels, predictions };
  });

test("the boundary IoU is that of its definition", () => {
  fc.assert(
    fc.property(masks, (drawn) => {
      const { labels, predictions, columns, rows, reach } = drawn;
      const width = reach / Math.hypot(rows, columns);
      const counts = new BoundaryCounts({ classes: 3, ignored: [IGNORED], width });
      counts.add(labels, predictions, columns);
      expect(counts.byClass).toEqual(plain(drawn));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("the boundary IoU sees a shifted contour that the IoU hardly sees", () => {
  const side = 100;
  const square = (first: number) =>
    Array.from({ length: side * side }, (_, i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      return row >= 10 && row < 90 && column >= first && column < first + 80 ? 1 : 0;
    });
  const counts = new BoundaryCounts({ classes: 2, width: 0.02 });
  counts.add(square(10), square(12), side);
  expect(counts.byClass[1]).toBeLessThan(0.7);
  expect((80 * 78) / (80 * 82)).toBeGreaterThan(0.95);
  expect(counts.mean).toBeCloseTo((counts.byClass[0]! + counts.byClass[1]!) / 2, 12);
});

test("boundary counts refuse what they cannot read", () => {
  const counts = new BoundaryCounts({ classes: 2, ignored: [255] });
  expect(() => counts.add([0, 1, 1], [0, 1, 1], 2)).toThrow("a multiple of 2 pixels; got 3");
  expect(() => counts.add([0, 2], [0, 1], 2)).toThrow("a label is no class");
  expect(() => counts.add([0, 1], [0, 2], 2)).toThrow("a prediction is no class");
  expect(() => counts.add([0, 1], [0], 2)).toThrow("2 of them");
  expect(() => new BoundaryCounts({ classes: 2, width: 0 })).toThrow("above 0");
  expect(Number.isNaN(counts.mean)).toBe(true);
});
