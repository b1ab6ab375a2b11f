import { describe, expect, test } from "vitest";
import { fitInside, shrinkToFit } from "./shrink.ts";

const pixels = Uint8Array.from({ length: 54 }, (_, i) => {
  const [row, col] = [Math.floor(i / 9), i % 9];
  return (row * 37 + col * col * 11 + row * col * 5) % 256;
});

describe("shrinkToFit", () => {
  test("gives Pillow's antialiased bilinear picture", () => {
    // Pillow 11, Image.resize((4, 3), BILINEAR) of the same 6×9 pixels in mode F, rounded.
    const pillow = [
      42.902, 121.348, 115.432, 101.278, 116.371, 157.707, 119.634, 139.429, 167.898, 130.512, 120.045,
      142.053,
    ];
    const small = shrinkToFit({ count: 1, channels: 1, height: 6, width: 9, pixels }, 4);
    expect(small).toMatchObject({ count: 1, channels: 1, height: 3, width: 4 });
    expect(small.pixels).toEqual(Uint8Array.from(pillow, Math.round));
  });

  test("treats every picture and channel by itself", () => {
    const planes = [pixels, pixels.map((value) => 255 - value), pixels.map((value) => value >> 1)];
    const turned = planes.toReversed();
    const stack = Uint8Array.from([...planes, ...turned].flatMap((plane) => [...plane]));
    const small = shrinkToFit({ count: 2, channels: 3, height: 6, width: 9, pixels: stack }, 4);
    const alone = (plane: Uint8Array) => [
      ...shrinkToFit({ count: 1, channels: 1, height: 6, width: 9, pixels: plane }, 4).pixels,
    ];
    expect(Array.from(small.pixels)).toEqual([...planes, ...turned].flatMap(alone));
  });

  test("returns a picture that fits as it is, never enlarged", () => {
    const stack = { count: 1, channels: 1 as const, height: 6, width: 9, pixels };
    expect(shrinkToFit(stack, 9)).toBe(stack);
    expect(shrinkToFit(stack, 100)).toBe(stack);
  });
});

describe("fitInside", () => {
  test.each([
    [100, 50, 20, 20, 10],
    [50, 100, 20, 10, 20],
    [10, 20, 20, 10, 20],
    [5000, 1, 20, 20, 1],
  ])("a %i×%i picture in %i pixels becomes %i×%i", (height, width, side, rows, cols) => {
    expect(fitInside(height, width, side)).toEqual({ height: rows, width: cols });
  });
});
