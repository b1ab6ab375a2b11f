import { describe, expect, test } from "vitest";
import { type RandomStream, randomStream } from "../random/random-stream.ts";
import { randomResizedCrop } from "./random-crop.ts";
import type { CropSpec } from "./view-spec.ts";

const crop: CropSpec = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], interpolation: "bilinear" };

/** Gives the numbers one after another and keeps the ranges it was asked for. */
function scripted(numbers: number[]) {
  const asked: [number, number][] = [];
  const next = (low = 0, high = 1) => {
    asked.push([low, high]);
    return numbers.shift()!;
  };
  return { asked, stream: { uniform: next, integer: next } as unknown as RandomStream };
}

describe("a random resized crop", () => {
  test("turns an area and an aspect ratio into a box as torchvision does", () => {
    // 600 of 1,200 pixels at 6:5 are 26.83 wide and 22.36 high.
    const { asked, stream } = scripted([0.5, Math.log(1.2), 4, 9]);
    const box = randomResizedCrop({ height: 30, width: 40 }, crop, stream);
    expect(box).toEqual({ top: 4, left: 9, height: 22, width: 27 });
    expect(asked).toEqual([
      [0.08, 1],
      [Math.log(3 / 4), Math.log(4 / 3)],
      [0, 30 - 22 + 1],
      [0, 40 - 27 + 1],
    ]);
  });

  test("tries again when the box does not fit", () => {
    const { stream } = scripted([1, Math.log(4 / 3), 0.25, 0, 1, 2]);
    expect(randomResizedCrop({ height: 20, width: 20 }, crop, stream)).toEqual({
      top: 1,
      left: 2,
      height: 10,
      width: 10,
    });
  });

  test("falls back to the largest central box within the ratios after ten tries", () => {
    const whole = { ...crop, scale: [1, 1] as const };
    const random = randomStream(1, "crop", 0, 0);
    expect(randomResizedCrop({ height: 10, width: 100 }, whole, random)).toEqual({
      top: 0,
      left: 43,
      height: 10,
      width: 13,
    });
    expect(randomResizedCrop({ height: 90, width: 10 }, whole, random)).toEqual({
      top: 38,
      left: 0,
      height: 13,
      width: 10,
    });
    const { stream } = scripted(new Array(20).fill(0).flatMap(() => [1, Math.log(4 / 3)]));
    expect(randomResizedCrop({ height: 21, width: 21 }, whole, stream)).toEqual({
      top: 0,
      left: 0,
      height: 21,
      width: 21,
    });
  });

  test("stays inside pictures of any size, and is never empty", () => {
    for (let i = 0; i < 2000; i++) {
      const random = randomStream(2, "crop", 0, i);
      const picture = { height: random.integer(1, 40), width: random.integer(1, 40) };
      const { top, left, height, width } = randomResizedCrop(picture, crop, random);
      expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
      expect(Math.min(height, width)).toBeGreaterThanOrEqual(1);
      expect(top + height).toBeLessThanOrEqual(picture.height);
      expect(left + width).toBeLessThanOrEqual(picture.width);
    }
  });

  test("has areas spread evenly, ratios evenly in their logarithm, and places evenly", () => {
    const draws = Array.from({ length: 20_000 }, (_, i) =>
      randomResizedCrop(
        { height: 1000, width: 1000 },
        { ...crop, scale: [0.1, 0.5] },
        randomStream(3, "crop", 0, i),
      ),
    );
    const evenly = (values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b);
      for (const q of [0.1, 0.25, 0.5, 0.75, 0.9]) {
        expect(sorted[Math.floor(q * sorted.length)]).toBeCloseTo(q, 1.6); // 4 deviations are .014
      }
    };
    evenly(draws.map(({ height, width }) => ((height * width) / 1e6 - 0.1) / 0.4));
    evenly(draws.map(({ height, width }) => Math.log(width / height) / (2 * Math.log(4 / 3)) + 0.5));
    evenly(draws.map(({ top, height }) => top / (1000 - height)));
    evenly(draws.map(({ left, width }) => left / (1000 - width)));
  });
});
