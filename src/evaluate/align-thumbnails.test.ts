import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  align,
  blurred,
  type Placement,
  type Planes,
  place,
  UNMOVED,
  unlikeness,
} from "./align-thumbnails.ts";

const SIDE = 16;
const planes = (value: (x: number, y: number) => number, side = SIDE): Planes => ({
  side,
  data: Float32Array.from({ length: side * side }, (_, at) => value(at % side, Math.floor(at / side))),
});
/** A smooth picture, known between its pixels. */
const scene = (x: number, y: number) => Math.sin(x / 3) + Math.cos(y / 4 + x / 7) + 0.1 * x;

const near = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Crops of up to a tenth of the side, off the middle: nothing beyond the edges is seen. */
const crop = fc
  .tuple(near(-1.5, 0), near(-1.5, 0), near(-1, 1), near(-1, 1))
  .map(([tx, ty, dx, dy]): Placement => [dx * tx, dy * ty, tx, ty]);
/** The picture as it is seen at a placement, computed from the scene itself. */
const seen = ([sx, sy, tx, ty]: Placement) => {
  const u = (v: number) => (2 * v) / (SIDE - 1) - 1;
  return planes((x, y) => scene(x + sx + tx * u(x), y + sy + ty * u(y)));
};
const options = { start: UNMOVED, steps: 6, hopeless: 1 };

describe("aligning thumbnails", () => {
  test("finds the placement, up to brightness and contrast", () => {
    fc.assert(
      fc.property(crop, near(0.6, 1.5), near(-1, 1), (wanted, contrast, brightness) => {
        const to = seen(wanted);
        const other = { ...to, data: to.data.map((value) => contrast * value + brightness) };
        const found = align(seen(UNMOVED), other, options)!;
        for (const [i, value] of found.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(0.15);
        expect(unlikeness(place(seen(UNMOVED), found), to)).toBeLessThan(2e-3);
      }),
      { seed: 1 },
    );
  });

  test("gives up on a picture that explains little", () => {
    const other = planes((x, y) => ((x * 7 + y * 13) % 5) - 2);
    expect(align(seen(UNMOVED), other, { ...options, hopeless: 0.3 })).toBeNull();
    expect(
      align(
        planes(() => 1),
        other,
        options,
      ),
    ).toBeNull();
  });

  test("moves bilinearly, and continues the edges", () => {
    const from = planes((x, y) => 10 * x + y, 3);
    expect(place(from, UNMOVED)).toBe(from);
    const by = (shift: Placement) =>
      [...place(from, shift).data].map((value) => Math.round(value * 100) / 100);
    expect(by([0.5, 0, 0, 0])).toEqual([5, 15, 20, 6, 16, 21, 7, 17, 22]);
    expect(by([0, -1, 0, 0])).toEqual([0, 10, 20, 0, 10, 20, 1, 11, 21]);
    expect(by([0, 0, -0.5, 0])).toEqual([5, 10, 15, 6, 11, 16, 7, 12, 17]);
  });
});

describe("unlikeness", () => {
  test("is the share of the variance that differs, and does not see brightness", () => {
    const [a, b] = [planes((x) => x, 4), planes((x) => 2 * x + 7, 4)];
    expect(unlikeness(a, { ...a, data: a.data.map((value) => value + 3) })).toBeCloseTo(0, 9);
    expect(unlikeness(a, b)).toBeCloseTo((1 - 2) ** 2 / (1 + 4), 6);
    expect(
      unlikeness(
        a,
        planes((_, y) => y, 4),
      ),
    ).toBeCloseTo(1, 6);
    expect(
      unlikeness(
        planes(() => 2),
        planes(() => 2),
      ),
    ).toBe(1);
  });

  test("is taken of blurred planes, each of which keeps its mean and continues its edges", () => {
    const spot = planes((x, y) => (x === 1 && y === 1 ? 16 : 0), 3);
    expect([...blurred(spot).data]).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
    const corner = planes((x, y) => (x === 0 && y === 0 ? 16 : 0), 3);
    expect([...blurred(corner).data]).toEqual([9, 3, 0, 3, 1, 0, 0, 0, 0]);
    const two = { side: 3, data: Float32Array.from([...spot.data, ...corner.data]) };
    expect([...blurred(two).data.subarray(9)]).toEqual([...blurred(corner).data]);
  });
});
