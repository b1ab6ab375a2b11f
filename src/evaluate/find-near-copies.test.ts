import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { PictureStack } from "../data/shrink.ts";
import { pixelFeatures } from "./baselines.ts";
import { findNearCopies, THUMBNAIL_SIDE } from "./find-near-copies.ts";

const SIDE = 96;

interface Shape {
  kind: "circle" | "rect";
  x: number;
  y: number;
  size: number;
  colour: string;
}
const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom("circle", "rect"),
  x: fc.integer({ min: 10, max: 86 }),
  y: fc.integer({ min: 10, max: 86 }),
  size: fc.integer({ min: 8, max: 30 }),
  colour: fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, "0")}`),
});
/** Pictures of six shapes in random places, sizes and colours. */
const drawing = fc.array(shape, { minLength: 6, maxLength: 6 });

function draw(shapes: readonly Shape[]): Promise<Buffer> {
  const drawn = shapes.map(({ kind, x, y, size, colour }) =>
    kind === "circle"
      ? `<circle cx="${x}" cy="${y}" r="${size / 2}" fill="${colour}"/>`
      : `<rect x="${x - size / 2}" y="${y - size / 2}" width="${size}" height="${size}" fill="${colour}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${drawn.join("")}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: "#888" }).png().toBuffer();
}

/** What may be done to a picture so that it is still a near-copy. */
const CHANGES: Readonly<Record<string, (png: Buffer) => Promise<Buffer>>> = {
  "half the size": (png) =>
    sharp(png)
      .resize(SIDE / 2)
      .png()
      .toBuffer(),
  larger: (png) => sharp(png).resize(128).png().toBuffer(),
  compressed: (png) => sharp(png).jpeg({ quality: 75 }).toBuffer(),
  "two pixels cropped on all sides": (png) =>
    sharp(png)
      .extract({ left: 2, top: 2, width: SIDE - 4, height: SIDE - 4 })
      .png()
      .toBuffer(),
  "two pixels cropped on two sides": (png) =>
    sharp(png)
      .extract({ left: 0, top: 2, width: SIDE - 2, height: SIDE - 2 })
      .png()
      .toBuffer(),
  brighter: (png) => sharp(png).linear(0.95, 12).png().toBuffer(),
};

async function stackOf(pictures: readonly Buffer[]): Promise<PictureStack> {
  const bytes = 3 * THUMBNAIL_SIDE ** 2;
  const pixels = new Uint8Array(pictures.length * bytes);
  for (const [at, picture] of pictures.entries()) {
    const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const plane = info.width * info.height;
    const planar = Uint8Array.from(
      { length: 3 * plane },
      (_, i) => data[3 * (i % plane) + Math.floor(i / plane)]!,
    );
    const small = pixelFeatures(planar, { canvas: info.width, side: THUMBNAIL_SIDE }).data;
    pixels.set(
      small.map((value) => Math.round(255 * value)),
      at * bytes,
    );
  }
  return { count: pictures.length, channels: 3, height: THUMBNAIL_SIDE, width: THUMBNAIL_SIDE, pixels };
}
const pairsOf = async (stack: PictureStack) => new Set((await findNearCopies(stack)).map(String));

describe("near-copies", () => {
  test("are found whatever was done to them, and no two different pictures are", async () => {
    const drawings = fc.sample(drawing, { numRuns: 120, seed: 7 });
    const originals = await Promise.all(drawings.map(draw));
    const kinds = Object.keys(CHANGES);
    const changed = await Promise.all(originals.map((png, at) => CHANGES[kinds[at % kinds.length]!]!(png)));
    const found = await pairsOf(await stackOf([...originals, ...changed]));
    const wanted = originals.map((_, at) => `${at},${at + originals.length}`);
    const missed = wanted.flatMap((pair, at) => (found.has(pair) ? [] : [kinds[at % kinds.length]!]));
    // Some of the 40 that are cropped have moved edges that a thumbnail cannot tell from other ones.
    expect(missed.filter((kind) => !kind.includes("cropped"))).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(3);
    expect(found.size).toBe(wanted.length - missed.length);
  });

  test("do not include a picture in other colours, mirrored, or in quarter of the contrast", async () => {
    const shapes = fc.sample(drawing, { numRuns: 1, seed: 3 })[0]!;
    const original = await draw(shapes);
    const others = [
      draw(shapes.map((one) => ({ ...one, colour: `#${one.colour.slice(3)}${one.colour.slice(1, 3)}` }))),
      sharp(original).flop().png().toBuffer(),
      sharp(original).linear(0.25, 96).png().toBuffer(),
    ];
    expect(await pairsOf(await stackOf([original, ...(await Promise.all(others))]))).toEqual(new Set());
  });

  test("are all copies of one picture, however many, and of pictures of one colour", async () => {
    const [one, two] = await Promise.all(fc.sample(drawing, { numRuns: 2, seed: 5 }).map(draw));
    const plain = (background: string) =>
      sharp({ create: { width: 9, height: 9, channels: 3, background } })
        .png()
        .toBuffer();
    const [red, blue] = [await plain("#f00"), await plain("#00f")];
    const copies = new Array<Buffer>(20).fill(one!);
    const found = await pairsOf(await stackOf([red, two!, ...copies, red, blue]));
    expect(found).toEqual(new Set(["0,22", ...Array.from({ length: 19 }, (_, i) => `2,${i + 3}`)]));
  });

  test("are none among none, one, or thumbnails without contrast", async () => {
    const empty = { count: 0, channels: 3, height: 32, width: 32, pixels: new Uint8Array(0) } as const;
    expect(await findNearCopies(empty)).toEqual([]);
    const greys = {
      ...empty,
      count: 3,
      pixels: Uint8Array.from({ length: 3 * 3072 }, (_, i) => Math.floor(i / 3072)),
    };
    expect(await findNearCopies(greys)).toEqual([]);
    await expect(findNearCopies({ ...greys, height: 16 })).rejects.toMatchObject({ code: "evaluate/shape" });
  });
});
