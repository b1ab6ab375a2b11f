import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { decodeIdx, decodeIdxLabels, decodeIdxPictures } from "./idx.ts";

const PICTURES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);
const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);

describe("idx", () => {
  test("pictures are read with their extents", () => {
    const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);
    expect(decodeIdxPictures(PICTURES)).toEqual({ count: 2, height: 1, width: 3, pixels });
  });

  test("labels are read", () => {
    expect(decodeIdxLabels(LABELS)).toEqual(Uint8Array.of(7, 9));
  });

  test("extents are big-endian", () => {
    const bytes = new Uint8Array(8 + 258);
    bytes.set([0, 0, 8, 1, 0, 0, 1, 2]);
    expect(decodeIdx(bytes).shape).toEqual([258]);
  });

  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["another file", Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4)],
    ["another element type", PICTURES.with(2, 0x0d)],
    ["no axes", Uint8Array.of(0, 0, 8, 0, 5)],
    ["extents cut short", PICTURES.subarray(0, 14)],
    ["pixels cut short", PICTURES.subarray(0, 20)],
    ["bytes left over", Uint8Array.of(...PICTURES, 0)],
    ["extents of thousands of pictures that are not there", PICTURES.with(4, 255)],
    [
      "255 axes of the largest extent",
      new Uint8Array(4 + 4 * 255).fill(255).with(0, 0).with(1, 0).with(2, 8),
    ],
  ])("%s is refused", (_, bytes) => {
    expect(() => decodeIdx(bytes)).toThrow(AfterimageError);
  });

  test("labels are not taken for pictures, nor pictures for labels, nor empty pictures for any", () => {
    expect(() => decodeIdxPictures(LABELS)).toThrow(/pictures/);
    expect(() => decodeIdxLabels(PICTURES)).toThrow(/labels/);
    const flat = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3);
    expect(() => decodeIdxPictures(flat)).toThrow(AfterimageError);
  });
});
