/** A folder of three pictures and a cache beside it, new for every test. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach } from "vitest";
import { type OpenOptions, openPictures } from "../../src/data/node/open-pictures.ts";
import type { PictureDataset } from "../../src/data/picture-dataset.ts";

export const CANVAS = 16;
/** The folder that contains both, the pictures, and the cache, in the current test. */
export let base: string;
export let folder: string;
export let cacheDir: string;
const opened: PictureDataset[] = [];

/** A file of tests calls this once. */
export function useCachedFolder(): void {
  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), "afterimage-open-"));
    folder = join(base, "pictures");
    cacheDir = join(base, "cache");
    await picture("b/large.png", 64, 32, [10, 20, 30]);
    await picture("a/small.png", 5, 7, [200, 100, 50]);
    await picture("a/tall.png", 8, 16, [1, 2, 3]);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dataset) => dataset.close()));
    rmSync(base, { recursive: true, force: true });
  });
}

export async function picture(
  name: string,
  width: number,
  height: number,
  [r, g, b]: number[],
): Promise<void> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const image = sharp({ create: { width, height, channels: 3, background: { r: r!, g: g!, b: b! } } });
  writeFileSync(path, await image.png().toBuffer());
}

export async function openFolder(options: Partial<OpenOptions> = {}, path = folder): Promise<PictureDataset> {
  const dataset = await openPictures(path, { canvas: CANVAS, cacheDir, ...options });
  opened.push(dataset);
  return dataset;
}

/** The number of pictures that were decoded while opening: 0 if the cache was there. */
export async function decodedWhile(options: Partial<OpenOptions> = {}): Promise<number> {
  const counts: number[] = [];
  await openFolder({ ...options, onProgress: (done) => void counts.push(done) });
  return counts.length === 0 ? 0 : counts.at(-1)! - counts[0]!;
}

export async function canvases(dataset: PictureDataset): Promise<Uint8Array> {
  const out = new Uint8Array(dataset.size * 3 * dataset.canvas ** 2).fill(99);
  await dataset.readBatch(
    Array.from({ length: dataset.size }, (_, i) => i),
    out,
  );
  return out;
}

export const pixel = (canvas: Uint8Array, index: number, row: number, col: number) =>
  [0, 1, 2].map((plane) => canvas[((index * 3 + plane) * CANVAS + row) * CANVAS + col]);
export const finished = () => readdirSync(cacheDir).filter((name) => !name.includes("partial"));
