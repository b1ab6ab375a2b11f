/** Near-copies among real pictures: the embedded emoji of one artist, and copies of some of them. */
import sharp from "sharp";
import { expect, test } from "vitest";
import { emojiSvg } from "../demo/emoji.ts";
import { listEmoji } from "../demo/emoji-icons.ts";
import type { PictureStack } from "../src/data/shrink.ts";
import { pixelFeatures } from "../src/evaluate/baselines.ts";
import { findNearCopies, THUMBNAIL_SIDE } from "../src/evaluate/find-near-copies.ts";

const SIDE = 64;
const EMOJI = 300;
const cropped = { left: 2, top: 2, width: SIDE - 4, height: SIDE - 4 };
/** How copies are made, and the least share of them that must be found. */
const COPIES = [
  {
    share: 1,
    copy: (png: Buffer) =>
      sharp(png)
        .resize(SIDE / 2)
        .png(),
  },
  { share: 0.95, copy: (png: Buffer) => sharp(png).jpeg({ quality: 75 }) },
  { share: 0.8, copy: (png: Buffer) => sharp(png).extract(cropped).png() },
];

async function thumbnail(picture: Buffer): Promise<Uint8Array> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const plane = info.width * info.height;
  const pixel = (i: number) => data[3 * (i % plane) + Math.floor(i / plane)]!;
  const planar = Uint8Array.from({ length: 3 * plane }, (_, i) => pixel(i));
  const { data: small } = pixelFeatures(planar, { canvas: info.width, side: THUMBNAIL_SIDE });
  return Uint8Array.from(small, (value) => Math.round(255 * value));
}

function stackOf(thumbnails: readonly Uint8Array[]): PictureStack {
  const pixels = new Uint8Array(thumbnails.length * thumbnails[0]!.length);
  for (const [at, one] of thumbnails.entries()) pixels.set(one, at * one.length);
  return { count: thumbnails.length, channels: 3, height: THUMBNAIL_SIDE, width: THUMBNAIL_SIDE, pixels };
}

test("copies of emoji are found when they are resized, compressed or cropped, and other emoji are not", async () => {
  const { icons } = await listEmoji();
  const own = icons.filter(({ artist }) => artist === "twemoji").filter((_, at) => at % 5 === 0);
  const drawn = own
    .slice(0, EMOJI)
    .map((icon) => sharp(emojiSvg(icon, SIDE)).flatten({ background: "#fff" }));
  const originals = await Promise.all(drawn.map((image) => image.png().toBuffer()));
  const copies = await Promise.all(originals.map((png, at) => COPIES[at % 3]!.copy(png).toBuffer()));
  const thumbnails = await Promise.all([...originals, ...copies].map(thumbnail));
  const pairs = await findNearCopies(stackOf(thumbnails));
  const found = new Set(pairs.map(String));
  for (const [kind, { share }] of COPIES.entries()) {
    const made = originals.map((_, at) => at).filter((at) => at % 3 === kind);
    const own = made.filter((at) => found.has(`${at},${at + EMOJI}`));
    expect(own.length).toBeGreaterThanOrEqual(share * made.length);
  }
  const others = pairs.filter(([a, b]) => a % EMOJI !== b % EMOJI);
  expect(new Set(others.flat().map((at) => at % EMOJI)).size).toBeLessThanOrEqual(0.03 * EMOJI);
});
