import { describe, expect, it } from "vitest";
import { AfterimageError } from "../../errors.ts";
import type { PictureSample } from "../../objectives/method.ts";
import { refuseGreyPictures } from "./colourful.ts";

const CANVAS = 8;

/**
 * Pictures of 6 × 5 pixels with the noise of a JPEG. Some pixels of the first `coloured` pictures are red.
 */
function sampleOf(count: number, coloured: number, pixels = 3): PictureSample {
  const pictures = new Uint8Array(count * 3 * CANVAS ** 2);
  for (let i = 0; i < count; i++)
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 5; x++) {
        const red = i < coloured && y * 5 + x < pixels;
        for (const [c, level] of [red ? 220 : 90, 90, 94].entries())
          pictures[((i * 3 + c) * CANVAS + y) * CANVAS + x] = level;
      }
  const sides = (side: number) => new Int32Array(count).fill(side);
  return { count, canvas: CANVAS, pictures, heights: sides(6), widths: sides(5) };
}

describe("grey pictures, for a method that learns from colour", () => {
  it("are refused if almost none has colours", () => {
    expect(() => refuseGreyPictures("cmc", sampleOf(50, 2))).toThrow(AfterimageError);
    expect(() => refuseGreyPictures("cmc", sampleOf(50, 2))).toThrow(
      /cmc learns from colours, and the pictures are grey; expected .*; got 2 of 50 .*another method/,
    );
  });

  it("give a remark if they are many", () => {
    expect(refuseGreyPictures("cmc", sampleOf(50, 10))).toMatch(
      /^only 10 of 50 sampled pictures have colours/,
    );
  });

  it("pass if they are few", () => {
    expect(refuseGreyPictures("cmc", sampleOf(50, 25))).toBeNull();
  });

  it("count as coloured from a hundredth of the pixels on", () => {
    expect(refuseGreyPictures("cmc", sampleOf(10, 10, 1))).toBeNull();
    expect(() => refuseGreyPictures("cmc", sampleOf(10, 10, 0))).toThrow(AfterimageError);
  });
});
