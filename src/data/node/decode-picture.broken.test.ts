import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { AfterimageError } from "../../errors.ts";
import { decodePicture } from "./decode-picture.ts";

const SIDE = 96;
/** A busy picture: its JPEG has no run of zeros. */
const busy = () => {
  const data = Buffer.from(
    Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i * i * 31 + (i >> 4) + ((i * 7919) >> 5)) & 255),
  );
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
};
const END = Buffer.from([0xff, 0xd9]);
const half = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
const zeroTail = (bytes: Buffer) =>
  Buffer.concat([half(bytes), Buffer.alloc(bytes.length - half(bytes).length)]);
/** Replaces `length` bytes by zeros, from the share `from` of the file on. */
const hole = (bytes: Buffer, from: number, length: number) => {
  const copy = Buffer.from(bytes);
  return copy.fill(0, Math.floor(from * copy.length), Math.floor(from * copy.length) + length);
};

async function reason(bytes: Uint8Array): Promise<string> {
  const error = await decodePicture(bytes, 32).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AfterimageError);
  return (error as AfterimageError).evidence.what;
}

const jpegs: [string, () => Promise<Buffer>][] = [
  ["sequential", () => busy().jpeg({ quality: 95 }).toBuffer()],
  ["of full colour resolution", () => busy().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer()],
  ["with codes of its own", () => busy().jpeg({ quality: 95, optimizeCoding: true }).toBuffer()],
  ["without codes of its own", () => busy().jpeg({ quality: 95, optimizeCoding: false }).toBuffer()],
  ["in grey", () => busy().greyscale().jpeg().toBuffer()],
  ["progressive", () => busy().jpeg({ quality: 95, progressive: true }).toBuffer()],
];

describe.each(jpegs)("half a JPEG, %s, is refused:", (_, make) => {
  test("cut", async () => {
    expect(await reason(half(await make()))).toBe(
      "the JPEG has no end-of-image marker: the file is cut short",
    );
  });

  test("cut and closed by an end-of-image marker", async () => {
    const bytes = await make();
    expect(await reason(Buffer.concat([half(bytes), END]))).toMatch(/cut short or damaged/);
    expect(await reason(Buffer.concat([bytes.subarray(0, bytes.length - 60), END]))).toMatch(
      /cut short or damaged/,
    );
  });

  test("its rest zeros", async () => {
    const bytes = await make();
    const zeros = bytes.length - half(bytes).length;
    expect(await reason(zeroTail(bytes))).toBe(
      `the JPEG has no end-of-image marker: its last ${zeros} bytes are zeros; a copy or download was not finished`,
    );
  });

  test("zeros closed by an end-of-image marker, and zeros in its middle", async () => {
    const bytes = await make();
    const closed = Buffer.concat([zeroTail(bytes).subarray(0, -2), END]);
    expect(await reason(closed)).toMatch(/zero bytes where its data should be|cut short or damaged/);
    expect(await reason(hole(bytes, 0.6, 200))).toMatch(
      /zero bytes where its data should be|cut short or damaged/,
    );
  });

  test("and the whole one is read, with bytes after its end too", async () => {
    const bytes = await make();
    expect((await decodePicture(bytes, 32)).width).toBe(32);
    expect((await decodePicture(Buffer.concat([bytes, Buffer.alloc(500)]), 32)).width).toBe(32);
  });
});

test("a JPEG of one colour, whose codes are zeros by right, is read", async () => {
  const plain = sharp({ create: { width: 4000, height: 3000, channels: 3, background: "#ffffff" } });
  const bytes = await plain.jpeg({ optimizeCoding: true }).toBuffer();
  expect(bytes.indexOf(Buffer.alloc(64))).toBeGreaterThan(0);
  expect((await decodePicture(bytes, 32)).traits.span).toBe(0);
});

describe("a broken picture of another kind is refused:", () => {
  test("a PNG cut, damaged, and closed before its pixels end", async () => {
    const bytes = await busy().png().toBuffer();
    expect(await reason(half(bytes))).toBe("the PNG is cut short in its IDAT chunk");
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1]! ^= 1;
    expect(await reason(flipped)).toBe("the checksum of the PNG's IDAT chunk is wrong: the file is damaged");
    expect(await reason(zeroTail(bytes))).toMatch(/checksum of the PNG's IDAT chunk/);
  });

  test.each([true, false])("a WebP cut and with a rest of zeros, lossless %s", async (lossless) => {
    const bytes = await busy().webp({ lossless }).toBuffer();
    expect(await reason(half(bytes))).toMatch(/cut short or damaged/);
    expect(await reason(zeroTail(bytes))).toMatch(/bytes of the WebP are zeros/);
  });

  test("a GIF with a rest of zeros", async () => {
    expect(await reason(zeroTail(await busy().gif().toBuffer()))).toMatch(/cut short or damaged/);
  });
});

test("of many broken pictures decoded at once each has the reason it has alone", async () => {
  const jpeg = await busy().jpeg({ quality: 95 }).toBuffer();
  const webp = await busy().webp().toBuffer();
  const png = await busy().png().toBuffer();
  const gif = await busy().gif().toBuffer();
  const broken = Array.from({ length: 12 }, (_, i) => [
    Buffer.concat([jpeg.subarray(0, jpeg.length - 100 - i), END]),
    webp.subarray(0, 500 + i),
    png.subarray(0, 2000 + i),
    gif.subarray(0, 3000 + i),
  ]).flat();
  const alone: string[] = [];
  for (const bytes of broken.slice(0, 4)) alone.push(await reason(bytes));
  expect(new Set(alone).size).toBe(4);
  for (let time = 0; time < 2; time++) {
    const together = await Promise.all(broken.map(reason));
    expect(together).toEqual(broken.map((_, i) => alone[i % 4]));
  }
});

test("warnings that say nothing of pixels do not refuse a JPEG", async () => {
  const bytes = await busy().jpeg({ quality: 95 }).toBuffer();
  const first = 4 + bytes.readUInt16BE(4); // the end of the first segment
  // Bytes between segments, which libjpeg skips with a warning.
  const garbled = Buffer.concat([bytes.subarray(0, first), Buffer.from("stray"), bytes.subarray(first)]);
  const [one, other] = [await decodePicture(bytes, 32), await decodePicture(garbled, 32)];
  expect(Buffer.compare(other.data, one.data)).toBe(0);
});

test.each([8, 16, 24, 40])(
  "half a JPEG of %i rows is refused, though no strip comes after it",
  async (rows) => {
    const bytes = await busy()
      .extract({ left: 0, top: 0, width: 64, height: rows })
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const cut = bytes.subarray(0, scan + Math.floor((bytes.length - scan) * 0.7));
    expect(await reason(Buffer.concat([cut, END]))).toMatch(/cut short or damaged/);
    expect((await decodePicture(bytes, 16)).traits.span).toBeGreaterThan(50);
  },
);
