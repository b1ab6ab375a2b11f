import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { AfterimageError } from "../../errors.ts";
import { decodePicture, reencodePicture } from "./decode-picture.ts";

const COLOUR = { r: 200, g: 30, b: 60 };
const plain = (width = 40, height = 20): Sharp =>
  sharp({ create: { width, height, channels: 3, background: COLOUR } });
const glass = (alpha: number): Sharp =>
  sharp({ create: { width: 8, height: 4, channels: 4, background: { ...COLOUR, alpha } } });
/** The colour of the first pixel, and the size. */
async function look(picture: Buffer | Promise<Buffer>, side = 64) {
  const { height, width, data } = await decodePicture(await picture, side);
  expect(data).toHaveLength(height * width * 3);
  return { size: [height, width], colour: Array.from(data.subarray(0, 3)) };
}
const near = (colour: number[], tolerance: number) => ({
  asymmetricMatch: (got: number[]) => got.every((value, i) => Math.abs(value - colour[i]!) <= tolerance),
});
const svg = (inner: string, attributes = 'width="40" height="20"', head = "") =>
  Buffer.from(`${head}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inner}</svg>`);

describe("decodePicture turns every kind of picture to 8-bit RGB", () => {
  test.each<[string, () => Promise<Buffer>, number]>([
    ["JPEG", () => plain().jpeg().toBuffer(), 2],
    ["PNG", () => plain().png().toBuffer(), 0],
    ["PNG with a palette", () => plain().png({ palette: true }).toBuffer(), 0],
    ["PNG of 16 bits", () => plain().toColourspace("rgb16").png().toBuffer(), 1],
    ["WebP", () => plain().webp({ lossless: true }).toBuffer(), 0],
    ["AVIF", () => plain().avif({ quality: 90, effort: 0 }).toBuffer(), 4],
    ["TIFF", () => plain().tiff({ compression: "lzw" }).toBuffer(), 0],
    ["TIFF of 16 bits", () => plain().toColourspace("rgb16").tiff({ compression: "lzw" }).toBuffer(), 1],
    ["GIF", () => plain().gif().toBuffer(), 4],
    [
      "SVG",
      async () => svg('<rect width="40" height="20" fill="rgb(200,30,60)"/>', 'width="64" height="32"'),
      1,
    ],
    ["JPEG in CMYK", () => plain().toColourspace("cmyk").jpeg().toBuffer(), 24], // through ink and back
  ])("%s", async (kind, make, tolerance) => {
    const { size, colour } = await look(make());
    expect(size).toEqual(kind === "SVG" ? [32, 64] : [20, 40]);
    expect(colour).toEqual(near([200, 30, 60], tolerance));
  });

  test("greyscale, of 8 and of 16 bits and with alpha, has three equal channels", async () => {
    const grey = sharp({ create: { width: 4, height: 4, channels: 3, background: { r: 90, g: 90, b: 90 } } });
    expect((await look(grey.clone().toColourspace("b-w").png().toBuffer())).colour).toEqual([90, 90, 90]);
    expect((await look(grey.clone().toColourspace("b-w").jpeg().toBuffer())).colour).toEqual(
      near([90, 90, 90], 1),
    );
    expect((await look(grey.clone().toColourspace("grey16").png().toBuffer())).colour).toEqual(
      near([90, 90, 90], 1),
    );
    const veiled = glass(0.5).toColourspace("b-w").png().toBuffer();
    const [first, ...others] = (await look(veiled)).colour;
    expect(others).toEqual([first, first]);
  });

  test.each([
    [0, [255, 255, 255]],
    [0.5, [227, 142, 157]], // halfway to white
    [1, [200, 30, 60]],
  ])("alpha %d is laid over white", async (alpha, colour) => {
    expect((await look(glass(alpha).png().toBuffer())).colour).toEqual(near(colour, 1));
    expect((await look(glass(alpha).webp({ lossless: true }).toBuffer())).colour).toEqual(near(colour, 1));
  });

  test("the EXIF orientation is honoured", async () => {
    // Left half red, right half blue. Orientation 6 means a quarter turn clockwise: red comes to the top.
    const halves = Buffer.from(
      Array.from({ length: 8 * 4 }, (_, i) => (i % 8 < 4 ? [255, 0, 0] : [0, 0, 255])).flat(),
    );
    const jpeg = sharp(halves, { raw: { width: 8, height: 4, channels: 3 } })
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .withMetadata({ orientation: 6 });
    const { height, width, data } = await decodePicture(await jpeg.toBuffer(), 64);
    expect([height, width]).toEqual([8, 4]);
    expect(Array.from(data.subarray(0, 3))).toEqual(near([255, 0, 0], 12));
    expect(Array.from(data.subarray(-3))).toEqual(near([0, 0, 255], 12));
  });

  test.each(["gif", "webp"] as const)("the first frame of an animated %s is taken", async (format) => {
    const frames = Buffer.alloc(10 * 10 * 3, 0).fill(255, 0, 10 * 5 * 3); // white, then black
    const animation = sharp(frames, { raw: { width: 10, height: 10, channels: 3, pageHeight: 5 } }).toFormat(
      format,
    );
    expect(await look(animation.toBuffer())).toEqual({ size: [5, 10], colour: [255, 255, 255] });
  });
});

describe("decodePicture fits pictures to a side", () => {
  test.each([
    [100, 50, 20, [10, 20]],
    [50, 100, 20, [20, 10]],
    [20, 10, 20, [10, 20]],
    [7, 5, 20, [5, 7]],
    [400, 20, 96, [20, 60]], // longer than 3:1: the middle
    [20, 400, 30, [30, 10]],
    [5000, 4, 32, [4, 12]],
    [90, 10, 96, [10, 90]], // fits as it is
  ])("%i×%i in %i pixels becomes %j", async (width, height, side, size) => {
    expect((await look(plain(width, height).png().toBuffer(), side)).size).toEqual(size);
  });

  test.each([
    ["small", 'width="10" height="5"'],
    ["large", 'width="100000" height="50000"'],
    ["of no size", 'viewBox="0 0 10 5"'],
  ])("an SVG that calls itself %s is drawn to fit", async (_, attributes) => {
    const [height, width] = (await look(svg('<rect width="9" height="9"/>', attributes), 48)).size;
    expect(width).toEqual(48);
    expect(height).toBe(24);
  });
});

describe("decodePicture refuses, in a few words,", () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31 + (i >> 4)) & 255));
  const busy = () => sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });

  test.each<[string, () => Promise<Buffer>]>([
    ["JPEG", () => busy().jpeg().toBuffer()],
    ["progressive JPEG", () => busy().jpeg({ progressive: true }).toBuffer()],
    ["PNG", () => busy().png().toBuffer()],
    ["WebP", () => busy().webp().toBuffer()],
    ["AVIF", () => busy().avif({ effort: 0 }).toBuffer()],
    ["TIFF", () => busy().tiff({ compression: "none" }).toBuffer()],
    ["GIF", () => busy().gif().toBuffer()],
  ])("a %s cut short at any place", async (_, make) => {
    const whole = await make();
    for (const share of [0.02, 0.3, 0.6, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      await expect(decodePicture(cut, 32)).rejects.toThrow(AfterimageError);
    }
  });

  test.each<[string, Buffer, RegExp]>([
    ["nothing", Buffer.alloc(0), /^the file is empty$/],
    ["text", Buffer.from("hello, I am a picture"), /^not a picture in a supported format$/],
    [
      "XML that is no SVG",
      Buffer.from("<?xml version='1.0'?><note/>"),
      /^not a picture in a supported format$/,
    ],
    ["a PNG of 20,000 × 20,000 pixels in 67 bytes", hugePng(20_000, 20_000), /more than 134 million pixels/],
    ["a PNG of 4 billion × 4 billion", hugePng(0x7fffffff, 0x7fffffff), /./],
  ])("%s", async (_, bytes, reason) => {
    const error = await decodePicture(bytes, 32).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AfterimageError);
    expect((error as AfterimageError).evidence.what).toMatch(reason);
  });

  test("a single pixel, and a line", async () => {
    await expect(decodePicture(await plain(1, 1).png().toBuffer(), 32)).rejects.toThrow(/1×1 pixels/);
    await expect(decodePicture(await plain(5000, 1).png().toBuffer(), 32)).rejects.toThrow(/5000×1 pixels/);
  });

  test("entities that multiply in an SVG", async () => {
    const entities = "abcdefghij"
      .split("")
      .map((name, i, all) =>
        i === 0 ? '<!ENTITY a "aaaaaaaaaa">' : `<!ENTITY ${name} "${`&${all[i - 1]};`.repeat(10)}">`,
      );
    const bomb = svg("<text>&j;</text>", undefined, `<!DOCTYPE svg [${entities.join("")}]>`);
    await expect(decodePicture(bomb, 32)).rejects.toThrow(AfterimageError);
  });
});

describe("an SVG reaches", () => {
  const withImage = (href: string, head = "") =>
    svg(
      `<image href="${href}" width="40" height="20" preserveAspectRatio="none"/>`,
      'xmlns:xi="http://www.w3.org/2001/XInclude" width="40" height="20"',
      head,
    );

  test("no file, by whatever path", async () => {
    const folder = mkdtempSync(join(tmpdir(), "afterimage-svg-"));
    try {
      writeFileSync(join(folder, "red.png"), await plain().png().toBuffer());
      const before = process.cwd();
      process.chdir(folder);
      try {
        for (const href of [`file://${folder}/red.png`, `${folder}/red.png`, "red.png", "./red.png"]) {
          expect((await look(withImage(href))).colour).toEqual([255, 255, 255]);
        }
        const included = svg(
          `<style>@import url("file://${folder}/red.css");</style><xi:include href="red.png"/>`,
        );
        await look(included).catch((error: unknown) => expect(error).toBeInstanceOf(AfterimageError));
        const entity = withImage("&x;", `<!DOCTYPE svg [<!ENTITY x SYSTEM "file://${folder}/red.png">]>`);
        await look(entity).catch((error: unknown) => expect(error).toBeInstanceOf(AfterimageError));
      } finally {
        process.chdir(before);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("no server", async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    try {
      expect((await look(withImage(`http://127.0.0.1:${port}/a.png`))).colour).toEqual([255, 255, 255]);
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });

  test("but what it carries itself", async () => {
    const data = (await plain(4, 4).png().toBuffer()).toString("base64");
    expect((await look(withImage(`data:image/png;base64,${data}`))).colour).toEqual(near([200, 30, 60], 1));
  });
});

test("reencodePicture gives a picture of the same size, close to the original", async () => {
  const gradient = Buffer.from(
    Array.from({ length: 60 * 40 }, (_, i) => [(i % 60) * 4, Math.floor(i / 60) * 6, 128]).flat(),
  );
  const png = await sharp(gradient, { raw: { width: 60, height: 40, channels: 3 } })
    .png()
    .toBuffer();
  const { height, width, data } = await reencodePicture(png, 64);
  expect([height, width]).toEqual([40, 60]);
  const back = await decodePicture(data, 64);
  const error =
    back.data.reduce((sum, value, i) => sum + Math.abs(value - gradient[i]!), 0) / gradient.length;
  expect(error).toBeLessThan(1);
});

/**
 * The signature, a header of the given size with a correct checksum, and the end: enough for a decoder to
 * allocate memory.
 */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const typed = Buffer.concat([Buffer.from(type, "latin1"), body]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(body.length);
    frame.writeUInt32BE(crc(typed), 4);
    return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.from([0x78, 0x9c, 0x03, 0, 0, 0, 0, 1])),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
