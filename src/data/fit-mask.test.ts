import { expect, test } from "vitest";
import { canvasSize } from "./canvas-size.ts";
import { fitMask } from "./fit-mask.ts";

/** Labels that are the column of the pixel, or its row. */
const columns = (height: number, width: number) => ({
  ...{ height, width },
  labels: Uint8Array.from({ length: height * width }, (_, i) => i % width),
});
const rows = (height: number, width: number) => ({
  ...{ height, width },
  labels: Uint8Array.from({ length: height * width }, (_, i) => Math.floor(i / width)),
});

test("a mask that fits stays as it is", () => {
  const mask = columns(5, 7);
  expect(fitMask(mask, 8)).toEqual(mask);
});

test("a larger one is shrunk to the size of its picture, by nearest pixels", () => {
  const { height, width, labels } = fitMask(columns(6, 12), 6);
  expect([height, width]).toEqual([3, 6]);
  expect([...labels.subarray(0, 6)]).toEqual([1, 3, 5, 7, 9, 11]);
  expect([...fitMask(rows(6, 12), 6).labels.filter((_, i) => i % 6 === 0)]).toEqual([1, 3, 5]);
});

test("of a long one the middle is left, as of its picture", () => {
  for (const [height, width] of [
    [10, 100],
    [100, 10],
  ] as const) {
    const size = canvasSize(height, width, 30);
    expect(size.cropped).toBe(true);
    const fitted = fitMask((height < width ? columns : rows)(height, width), 30);
    expect([fitted.height, fitted.width]).toEqual([size.height, size.width]);
    const along =
      height < width ? fitted.labels.subarray(0, 30) : fitted.labels.filter((_, i) => i % 10 === 0);
    // 30 of 100 pixels, at their own size: from the 35th on.
    expect([...along]).toEqual(Array.from({ length: 30 }, (_, i) => 35 + i));
  }
});

test("has no label that was not there", () => {
  const two = {
    height: 31,
    width: 47,
    labels: Uint8Array.from({ length: 31 * 47 }, (_, i) => (i % 3 === 0 ? 7 : 200)),
  };
  expect(new Set(fitMask(two, 13).labels)).toEqual(new Set([7, 200]));
});
