import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPictures } from "../../data/node/open-pictures.ts";
import { stackDataset } from "../../data/stack-dataset.ts";
import { poorPicturesAdvice } from "../../runs/poor-pictures-advice.ts";
import { findingNotes, pictureNotes } from "./picture-notes.ts";

let folder: string;
const put = async (name: string, picture: Sharp) =>
  writeFileSync(join(folder, "pictures", name), await picture.png().toBuffer());
const plain = (background: string) => sharp({ create: { width: 8, height: 8, channels: 3, background } });
const noise = (seed: number) => {
  const data = Buffer.from(Array.from({ length: 192 }, (_, i) => (i * seed * 37) & 255));
  return sharp(data, { raw: { width: 8, height: 8, channels: 3 } });
};
const glyph = (fill: string) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="3" fill="${fill}"/></svg>`,
    ),
  );
const open = (background?: "#ffffff") =>
  openPictures(join(folder, "pictures"), { canvas: 16, cacheDir: join(folder, "cache"), background });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-notes-"));
  mkdirSync(join(folder, "pictures"));
  await put("a.png", plain("#203040"));
  await put("b.png", plain("#203040"));
  await put("c.png", noise(1));
  await put("d.png", noise(1));
  await put("e.png", glyph("#ffffff"));
  await put("f.png", glyph("#ff0000"));
  await put("g.png", noise(3).linear(0.04, 10));
  await put("h.png", noise(5).resize(70, 8, { fit: "fill" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EXPECTED = [
  "of 8 pictures: 2 pictures are a single colour once decoded (a.png, b.png); " +
    "1 picture uses less than a sixteenth of the range from black to white (g.png)",
  "2 pictures have the same pixels as another one (b.png, d.png)",
  "1 transparent picture is composited on black, because it would be hardly visible on white (e.png); " +
    "1 transparent picture is composited on white (f.png); `background` sets one colour for all",
  "1 picture is longer than 3:1 and is cropped to its middle (h.png)",
];

test("what a user should know of pictures is said when they are decoded, and again from the cache", async () => {
  for (let time = 0; time < 2; time++) {
    const dataset = await open();
    expect(pictureNotes(dataset)).toEqual(EXPECTED);
    await dataset.close();
  }
});

test("another background has a cache of its own, and the first one stays", async () => {
  const white = await open("#ffffff");
  expect(findingNotes(white)[0]).toContain(
    "3 pictures are a single colour once decoded (a.png, b.png, e.png)",
  );
  expect(findingNotes(white).join()).not.toContain("transparent");
  const auto = await open();
  expect(auto.fingerprint).not.toBe(white.fingerprint);
  expect(pictureNotes(auto)).toEqual(EXPECTED);
  await Promise.all([white.close(), auto.close()]);
});

test("the pictures come before other advice when most of them are poor", async () => {
  const dataset = await open();
  expect(poorPicturesAdvice(dataset)).toBeNull(); // 4 of 8
  const seven = { ...dataset, size: 7 };
  expect(poorPicturesAdvice(seven)).toMatch(/^Check the pictures first: 4 of 7 .*a\.png/);
  await dataset.close();
});

test("pictures held in memory are looked at too", () => {
  const pixels = Uint8Array.of(9, 9, 9, 9, 0, 80, 160, 240, 0, 80, 160, 240);
  const dataset = stackDataset(
    { count: 3, channels: 1, height: 2, width: 2, pixels },
    { canvas: 4, names: ["x", "y", "z"], labels: null, classNames: null },
  );
  expect(pictureNotes(dataset)).toEqual([
    "of 3 pictures: 1 picture is a single colour once decoded (x)",
    "1 picture has the same pixels as another one (z)",
  ]);
});
