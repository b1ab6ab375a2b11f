import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPictures } from "../open-pictures.ts";
import { openMasks } from "./open-masks.ts";

/** Pictures that are their own masks: the red of a pixel is its label, in blocks of 8 × 8 pixels. */
const PICTURES = { "a/one.png": [48, 40], "a/two.png": [24, 32], "b/long.png": [16, 120] } as const;
const CANVAS = 24;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-masks-"));
  for (const [name, [height, width]] of Object.entries(PICTURES)) {
    const labels = Uint8Array.from({ length: height * width }, (_, i) =>
      labelAt(Math.floor(i / width), i % width),
    );
    const grey = () => sharp(labels, { raw: { width, height, channels: 1 } });
    const red = sharp(
      Uint8Array.from(labels, (label) => 80 * label),
      { raw: { width, height, channels: 1 } },
    );
    for (const [place, image] of [
      ["pictures", red],
      ["masks", grey()],
    ] as const) {
      await mkdir(dirname(join(folder, place, name)), { recursive: true });
      await image.png().toFile(join(folder, place, name));
    }
  }
}, 30_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const labelAt = (row: number, column: number) => ((row >> 3) + 2 * (column >> 3)) % 4;

const open = () =>
  openPictures(join(folder, "pictures"), { canvas: CANVAS, cacheDir: join(folder, "cache") });

test("masks lie on their canvases as their pictures do", async () => {
  const pictures = await open();
  const masks = await openMasks(join(folder, "masks"), pictures);
  const indices = pictures.names.map((_, i) => i);
  const canvases = new Uint8Array(indices.length * 3 * CANVAS ** 2);
  const labels = new Uint8Array(indices.length * CANVAS ** 2);
  await pictures.readBatch(indices, canvases);
  await masks.read(indices, labels);
  for (const i of indices) {
    let [same, all] = [0, 0];
    for (let row = 0; row < pictures.heights[i]!; row++)
      for (let column = 0; column < pictures.widths[i]!; column++) {
        const at = row * CANVAS + column;
        // Between two blocks a shrunk picture has their mean; inside of them it has the label.
        const level = canvases[i * 3 * CANVAS ** 2 + at]! / 80;
        if (Math.abs(level - Math.round(level)) > 0.08) continue;
        all++;
        if (Math.round(level) === labels[i * CANVAS ** 2 + at]) same++;
      }
    expect(all, pictures.names[i]).toBeGreaterThan(60);
    expect(same / all, pictures.names[i]).toBeGreaterThan(0.97);
  }
  expect(masks.pixels.reduce((sum, count) => sum + count, 0)).toBe(48 * 40 + 24 * 32 + 16 * 120);
  expect(masks.fingerprint).toBe((await openMasks(join(folder, "masks"), pictures)).fingerprint);
  await pictures.close();
});

test("labels are merged into classes and ignored, and one without a class is refused", async () => {
  const pictures = await open();
  const classOf = new Map([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 255],
  ]);
  const merged = await openMasks(join(folder, "masks"), pictures, { classOf });
  const out = new Uint8Array(CANVAS ** 2);
  await merged.read([1], out);
  expect(new Set(out.subarray(0, 20))).toEqual(new Set([0, 1]));
  const options = {
    classOf: new Map([
      [0, 0],
      [1, 1],
    ]),
  };
  await expect(openMasks(join(folder, "masks"), pictures, options)).rejects.toThrow(
    "expected one of 0, 1; got 2",
  );
  await pictures.close();
});

test("masks of other proportions, without pictures, or nowhere are refused", async () => {
  const pictures = await open();
  const other = { ...pictures, heights: pictures.heights.map((height) => height - 1) };
  await expect(openMasks(join(folder, "masks"), other)).rejects.toThrow(
    "other proportions than its picture (a/one.png)",
  );
  const fewer = { ...pictures, names: pictures.names.slice(1) };
  await expect(openMasks(join(folder, "masks"), fewer)).rejects.toThrow("a mask has no picture (a/one.png)");
  await expect(openMasks(join(folder, "none"), pictures)).rejects.toThrow(
    "the folder of masks cannot be read",
  );
  await pictures.close();
});
