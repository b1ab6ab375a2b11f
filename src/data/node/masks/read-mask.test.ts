import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { Colour } from "./file-palette.ts";
import { readMask } from "./read-mask.ts";

const [WIDTH, HEIGHT] = [5, 3];
const LABELS = [0, 1, 2, 0, 1, 2, 2, 2, 1, 0, 0, 0, 1, 1, 2];
const COLOURS: readonly Colour[] = [
  [0, 0, 0],
  [200, 10, 60],
  [10, 120, 250],
];

/** The CRC of PNG's chunks. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG of packed samples of few bits. */
function png(samples: readonly number[], bits: number, kind: 0 | 3, palette?: readonly Colour[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([bits, kind, 0, 0, 0], 8);
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const text = samples
      .slice(row * WIDTH, (row + 1) * WIDTH)
      .map((value) => value.toString(2).padStart(bits, "0"));
    const packed = text
      .join("")
      .match(/.{1,8}/g)!
      .map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
    return Buffer.from([0, ...packed]);
  });
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", Buffer.from(palette.flat()))]),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const raw = (channels: 1 | 2 | 3 | 4, pixel: (label: number) => readonly number[]) =>
  sharp(Uint8Array.from(LABELS.flatMap((label) => [...pixel(label)])), {
    raw: { width: WIDTH, height: HEIGHT, channels },
  });

const read = (bytes: Uint8Array, colours?: readonly Colour[]) =>
  readMask(bytes, { name: "a.png", ...(colours && { colours }) });

async function expectLabels(bytes: Uint8Array, colours?: readonly Colour[]) {
  const mask = await read(bytes, colours);
  expect(mask).toMatchObject({ width: WIDTH, height: HEIGHT });
  expect([...mask.labels]).toEqual(LABELS);
  return mask.notes;
}

describe("masks", () => {
  test.each([2, 4, 8])("of indices of %i bits have the indices, whatever the palette is", async (bits) => {
    expect(await expectLabels(png(LABELS, bits, 3, COLOURS))).toEqual([]);
  });

  test.each([2, 4, 8, 16])("of grey values of %i bits have the values", async (bits) => {
    expect(await expectLabels(png(LABELS, bits, 0))).toEqual([]);
  });

  test("of one bit have the labels 0 and 1", async () => {
    const two = LABELS.map((label) => Math.min(1, label));
    expect([...(await read(png(two, 1, 0))).labels]).toEqual(two);
    expect([...(await read(png(two, 1, 3, COLOURS.slice(1)))).labels]).toEqual(two);
  });

  test("in colours have the labels of a palette, as PNG, TIFF and GIF", async () => {
    const image = () => raw(3, (label) => COLOURS[label]!);
    await expectLabels(await image().png().toBuffer(), COLOURS);
    await expectLabels(await image().tiff({ compression: "lzw" }).toBuffer(), COLOURS);
    await expectLabels(await image().gif().toBuffer(), COLOURS);
    await expectLabels(
      png(
        LABELS.map((label) => 2 - label),
        8,
        3,
        COLOURS.toReversed(),
      ),
      COLOURS,
    );
  });

  test("with three equal channels or transparency are taken, and it is said", async () => {
    const equal = await expectLabels(
      await raw(3, (label) => [label, label, label])
        .png()
        .toBuffer(),
    );
    expect(equal.join()).toContain("taken as grey");
    const clear = await expectLabels(
      await raw(2, (label) => [label, 255 - label])
        .png()
        .toBuffer(),
    );
    expect(clear.join()).toContain("transparency");
  });

  test("keep their colours under a colour profile", async () => {
    const bytes = await raw(3, (label) => COLOURS[label]!)
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const stored = [...(await sharp(bytes, { ignoreIcc: true }).raw().toBuffer())];
    const own = [0, 1, 2].map((label) => stored.slice(3 * label, 3 * label + 3) as unknown as Colour);
    await expectLabels(bytes, own);
  });
});

describe("masks that are refused", () => {
  test("say which colour has no label, where and how often", async () => {
    const bytes = await raw(3, (label) => COLOURS[label]!)
      .png()
      .toBuffer();
    await expect(read(bytes, COLOURS.slice(0, 2))).rejects.toThrow(
      "a mask has a colour that no label has (a.png, row 0, column 2, and 4 more pixels); expected one of the 2 colours of the palette; got rgb(10, 120, 250)",
    );
    await expect(read(bytes)).rejects.toThrow("there is no list of their labels (a.png, row 0, column 1)");
  });

  test("are those of a lossy format, of labels above 255, and no pictures", async () => {
    const jpeg = await raw(3, (label) => COLOURS[label]!)
      .jpeg()
      .toBuffer();
    await expect(read(jpeg)).rejects.toThrow(
      "a format that may lose labels (a.png); expected PNG, GIF or TIFF; got jpeg",
    );
    await expect(
      read(
        png(
          LABELS.map((label) => 300 * label),
          16,
          0,
        ),
      ),
    ).rejects.toThrow("0 to 255; got 300");
    await expect(read(Buffer.from("no picture"))).rejects.toThrow("a mask cannot be read (a.png)");
  });

  test("have two labels of one colour, where the mask has it", async () => {
    const twice = [...COLOURS, COLOURS[1]!];
    const message = "rgb(200, 10, 60) for 1 and 3";
    await expect(read(png(LABELS, 8, 3, twice))).rejects.toThrow(message);
    const without = LABELS.map((label) => (label === 1 ? 0 : label));
    expect([...(await read(png(without, 8, 3, twice))).labels]).toEqual(without);
  });
});
