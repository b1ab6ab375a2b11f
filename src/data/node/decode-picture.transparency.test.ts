import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { Background } from "../background.ts";
import { decodePicture, reencodePicture } from "./decode-picture.ts";

const plain = () => sharp({ create: { width: 40, height: 20, channels: 3, background: "#c81e3c" } });
const svg = (inner: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${inner}</svg>`);
const near = (colour: number[], tolerance: number) => ({
  asymmetricMatch: (got: number[]) => got.every((value, i) => Math.abs(value - colour[i]!) <= tolerance),
});

describe("decodePicture lays transparency over", () => {
  const glyph = (colour: string) => svg(`<circle cx="20" cy="10" r="6" fill="${colour}"/>`);
  const spanOf = async (bytes: Buffer, background?: Background) =>
    (await decodePicture(bytes, 64, background)).traits;

  test("white, or black where it would not be seen on white", async () => {
    expect(await spanOf(glyph("#ffffff"))).toMatchObject({ backdrop: "black", span: 255 });
    expect(await spanOf(glyph("#000000"))).toMatchObject({ backdrop: "white", span: 255 });
    expect(await spanOf(await plain().png().toBuffer())).toMatchObject({ backdrop: null, span: 0 });
  });

  test("the colour that is asked for", async () => {
    const { data, traits } = await decodePicture(glyph("#ffffff"), 64, "#ffcc00");
    expect(Array.from(data.subarray(0, 3))).toEqual([255, 204, 0]);
    expect(traits.backdrop).toBeNull();
    expect(await spanOf(glyph("#ffffff"), "#ffffff")).toMatchObject({ span: 0 });
  });

  test("the same when it is encoded again", async () => {
    const encoded = await reencodePicture(glyph("#ffffff"), 64);
    expect(encoded.traits.backdrop).toBe("black");
    expect(encoded.traits.span).toBeGreaterThan(240);
  });
});

test("the first frame of a GIF lies where it belongs on its screen, which is transparent around it", async () => {
  const frame = await sharp({ create: { width: 6, height: 4, channels: 3, background: "#ff0000" } })
    .gif()
    .toBuffer();
  const gif = Buffer.from(frame);
  const at = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 6, 0, 4, 0]));
  gif.writeUInt16LE(20, 6);
  gif.writeUInt16LE(10, 8);
  gif.writeUInt16LE(10, at + 1);
  gif.writeUInt16LE(5, at + 3);
  const { data, height, width } = await decodePicture(gif, 64);
  expect([height, width]).toEqual([10, 20]);
  const pixel = (row: number, column: number) =>
    Array.from(data.subarray(3 * (20 * row + column)).subarray(0, 3));
  expect([pixel(0, 0), pixel(9, 19), pixel(4, 12)]).toEqual([
    [255, 255, 255],
    [255, 255, 255],
    [255, 255, 255],
  ]);
  expect([pixel(5, 10), pixel(8, 15)]).toEqual([near([255, 0, 0], 2), near([255, 0, 0], 2)]);
});
