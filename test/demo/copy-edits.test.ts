import { describe, expect, test } from "vitest";
import { drawEdit, makeEdits } from "../../demo/copy-edits.ts";
import { applyEdit, type CopyEdit } from "../../demo/edit-pixels.ts";

const UNTOUCHED: CopyEdit = {
  top: 0,
  left: 0,
  height: 1,
  width: 1,
  mirrored: false,
  gains: [1, 1, 1],
  gamma: 1,
  saturation: 1,
  blur: 0,
};

/** A [3, S, S] picture by a rule from (channel, row, column). */
function picture(size: number, rule: (c: number, y: number, x: number) => number): Uint8Array {
  return Uint8Array.from({ length: 3 * size * size }, (_, i) =>
    rule(Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size),
  );
}
const scene = picture(12, (c, y, x) => (37 * c + 91 * y + 53 * x + x * y * 7) % 256);
const near = (got: ArrayLike<number>, want: ArrayLike<number>, off = 1) => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    expect(Math.abs(got[i]! - want[i]!), `at ${i}`).toBeLessThanOrEqual(off);
};

describe("the random choices of an edit", () => {
  const edits = Array.from({ length: 2000 }, (_, i) => drawEdit(3, i));
  const spread = (of: (edit: CopyEdit) => number) => [Math.min(...edits.map(of)), Math.max(...edits.map(of))];

  test("keep 50 to 100 % of the area, inside the picture, over the whole range", () => {
    const [least, most] = spread(({ height, width }) => height * width);
    expect(least).toBeGreaterThanOrEqual(0.5 - 1e-12);
    expect(least).toBeLessThan(0.51);
    expect(most).toBeLessThanOrEqual(1 + 1e-12);
    expect(most).toBeGreaterThan(0.99);
    for (const { top, left, height, width } of edits) {
      expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
      expect(Math.max(top + height, left + width)).toBeLessThanOrEqual(1 + 1e-12);
    }
  });

  test("mirror half of the copies", () => {
    const share = edits.filter(({ mirrored }) => mirrored).length / edits.length;
    // Four standard deviations of a fair coin.
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 2000));
  });

  test("depend only on the seed and the index", () => {
    expect(drawEdit(3, 17)).toEqual(edits[17]);
    expect(drawEdit(4, 17)).not.toEqual(edits[17]);
    expect(new Set(edits.map(({ left }) => left)).size).toBe(2000);
  });
});

describe("an edited copy", () => {
  test("is the picture itself if the edit changes nothing", () => {
    near(applyEdit(scene, 12, UNTOUCHED, 12), scene);
  });

  test("is mirrored from left to right", () => {
    const mirrored = picture(12, (c, y, x) => scene[c * 144 + y * 12 + 11 - x]!);
    near(applyEdit(scene, 12, { ...UNTOUCHED, mirrored: true }, 12), mirrored);
  });

  test("shows the kept part, pixel for pixel if the scale allows", () => {
    const corner = { ...UNTOUCHED, top: 3 / 12, left: 6 / 12, height: 6 / 12, width: 6 / 12 };
    const kept = picture(6, (c, y, x) => scene[c * 144 + (y + 3) * 12 + x + 6]!);
    near(applyEdit(scene, 12, corner, 6), kept);
  });

  test("leaves a straight ramp straight when scaled up or down", () => {
    const ramp = picture(24, (_, __, x) => 10 * x);
    for (const size of [12, 36]) {
      const copy = applyEdit(ramp, 24, UNTOUCHED, size);
      for (let x = 3; x < size - 3; x++) {
        expect(Math.abs(copy[size * 5 + x]! - 10 * (((x + 0.5) * 24) / size - 0.5))).toBeLessThanOrEqual(1);
      }
    }
  });

  test("has its colours changed by gain, gamma and saturation in that order", () => {
    const flat = picture(4, (c) => [200, 120, 40][c]!);
    const edit = { ...UNTOUCHED, gains: [0.9, 0.8, 1] as const, gamma: 1.5, saturation: 0.5 };
    const [r, g, b] = [(0.9 * 200) / 255, (0.8 * 120) / 255, 40 / 255].map((v) => v ** 1.5) as [
      number,
      number,
      number,
    ];
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const want = picture(4, (c) => 255 * (luma + 0.5 * ([r, g, b][c]! - luma)));
    near(applyEdit(flat, 4, edit, 4), want);
  });

  test("is grey at saturation 0", () => {
    const copy = applyEdit(scene, 12, { ...UNTOUCHED, saturation: 0 }, 12);
    near(copy.subarray(0, 144), copy.subarray(144, 288));
    near(copy.subarray(0, 144), copy.subarray(288));
  });

  test.each([0.5, 1, 1.5])(
    "is blurred with a standard deviation of %f pixels along both axes",
    (deviation) => {
      const size = 25;
      const point = picture(size, (_, y, x) => (Math.abs(y - 12) <= 2 && Math.abs(x - 12) <= 2 ? 255 : 0));
      const moments = (values: Uint8ClampedArray | Uint8Array) => {
        let [sum, x2, y2] = [0, 0, 0];
        for (let i = 0; i < size * size; i++) {
          sum += values[i]!;
          x2 += values[i]! * ((i % size) - 12) ** 2;
          y2 += values[i]! * (Math.floor(i / size) - 12) ** 2;
        }
        return [sum, x2 / sum, y2 / sum] as const;
      };
      const before = moments(point);
      const after = moments(applyEdit(point, size, { ...UNTOUCHED, blur: deviation / size }, size));
      expect(Math.abs(after[0] / before[0] - 1)).toBeLessThan(0.02);
      expect(Math.abs(after[1] - before[1] - deviation ** 2)).toBeLessThan(0.1);
      expect(Math.abs(after[2] - before[2] - deviation ** 2)).toBeLessThan(0.1);
    },
  );
});

describe("edited copies of many pictures", () => {
  const other = scene.map((v) => 255 - v);
  const both = new Uint8Array([...scene, ...other]);

  test("each have their own edit", () => {
    const copies = makeEdits(both, { seed: 5, size: 12, outSize: 8 });
    expect(copies.length).toBe(2 * 3 * 64);
    expect([...copies.subarray(192)]).toEqual([...applyEdit(other, 12, drawEdit(5, 1), 8)]);
  });

  test("do not change if more pictures follow", () => {
    const alone = makeEdits(scene, { seed: 5, size: 12 });
    expect([...makeEdits(both, { seed: 5, size: 12 }).subarray(0, 432)]).toEqual([...alone]);
    expect([...makeEdits(scene, { seed: 6, size: 12 })]).not.toEqual([...alone]);
  });
});
