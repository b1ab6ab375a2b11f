import { describe, expect, test } from "vitest";
import { pixelFeatures } from "./baselines.ts";

/** [N, 3, S, S] from a function of (picture, channel, y, x). */
function pictures(
  count: number,
  size: number,
  value: (n: number, c: number, y: number, x: number) => number,
) {
  const plane = size * size;
  return Uint8Array.from({ length: count * 3 * plane }, (_, i) =>
    value(Math.floor(i / plane / 3), Math.floor(i / plane) % 3, Math.floor(i / size) % size, i % size),
  );
}

describe("pixelFeatures", () => {
  test("are the pixels themselves, in [0, 1], at the same side", () => {
    const input = pictures(2, 4, (n, c, y, x) => n * 100 + c * 20 + y * 4 + x);
    const { rows, cols, data } = pixelFeatures(input, { canvas: 4, side: 4 });
    expect([rows, cols]).toEqual([2, 48]);
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo(input[i]! / 255, 6);
  });

  test("are means over whole blocks when the side divides", () => {
    const input = pictures(1, 4, (_, c, y, x) => c * 50 + y * 10 + x);
    const { data } = pixelFeatures(input, { canvas: 4, side: 2 });
    // Blocks of 2 × 2: rows 0.5 and 2.5, columns 0.5 and 2.5 on average.
    const block = [5.5, 7.5, 25.5, 27.5];
    for (const [i, value] of data.entries())
      expect(value * 255).toBeCloseTo(block[i % 4]! + 50 * Math.floor(i / 4), 4);
  });

  test("count partly covered pixels by their share when it does not", () => {
    const row = [0, 90, 180];
    const input = pictures(1, 3, (_n, _c, y, x) => (y === 0 ? row[x]! : 0));
    const { data } = pixelFeatures(input, { canvas: 3, side: 2 });
    // Along x: (0 + 45)/1.5 = 30 and (45 + 180)/1.5 = 150; along y the first row covers 2/3 of the upper
    // half.
    expect(Array.from(data.subarray(0, 4), (v) => v * 255)).toEqual(
      [20, 100, 0, 0].map((v) => expect.closeTo(v, 4)),
    );
  });

  test("keep the mean of every channel", () => {
    const input = pictures(1, 7, (_, c, y, x) => (c * 31 + y * 17 + x * 5) % 200);
    const { data } = pixelFeatures(input, { canvas: 7, side: 3 });
    for (let c = 0; c < 3; c++) {
      const before = input.subarray(c * 49, (c + 1) * 49).reduce((a, b) => a + b, 0) / 49 / 255;
      expect(data.subarray(c * 9, (c + 1) * 9).reduce((a, b) => a + b, 0) / 9).toBeCloseTo(before, 5);
    }
  });

  test("repeat pixels when the side is larger", () => {
    const input = pictures(1, 1, (_, c) => c * 51);
    const { data } = pixelFeatures(input, { canvas: 1, side: 2 });
    expect(Array.from(data)).toEqual([0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.4].map(Math.fround));
  });

  test("look at the box of each picture alone", () => {
    const picture = (n: number, c: number, y: number, x: number) => n * 60 + c * 40 + y * 3 + x;
    const inside = (n: number, y: number, x: number) =>
      n === 0 ? y < 6 && x < 4 : y >= 1 && y < 5 && x >= 2 && x < 6;
    const input = pictures(2, 8, (n, c, y, x) => (inside(n, y, x) ? picture(n, c, y, x) : 255));
    const boxes: [number, number, number, number][] = [
      [1, 0, 4, 4],
      [1, 2, 4, 4],
    ];
    const { data } = pixelFeatures(input, { canvas: 8, side: 4, boxes });
    for (const [i, value] of data.entries()) {
      const [n, c, y, x] = [Math.floor(i / 48), Math.floor(i / 16) % 3, Math.floor(i / 4) % 4, i % 4];
      const [top, left] = boxes[n]!;
      expect(value * 255).toBeCloseTo(picture(n, c, y + top, x + left), 4);
    }
  });

  test("refuse another number of boxes than of pictures", () => {
    expect(() => pixelFeatures(new Uint8Array(96), { canvas: 4, side: 2, boxes: [] })).toThrow(
      "number of boxes differs from the number of pictures; expected 2; got 0",
    );
  });

  test("refuse half a picture", () => {
    expect(() => pixelFeatures(new Uint8Array(50), { canvas: 4, side: 2 })).toThrow(
      "does not hold a whole number of pictures",
    );
  });
});
