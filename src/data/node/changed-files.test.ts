/** A cache whose files have changed though their names, sizes and times say nothing of it. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PictureDataset } from "../picture-dataset.ts";
import { decodeCacheIndex, encodeCacheIndex } from "./cache-index.ts";
import { type OpenOptions, openPictures } from "./open-pictures.ts";

const CANVAS = 16;
let base: string;
let folder: string;
let cacheDir: string;
const opened: PictureDataset[] = [];

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

async function picture(name: string, width: number, height: number, [r, g, b]: number[]): Promise<void> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const image = sharp({ create: { width, height, channels: 3, background: { r: r!, g: g!, b: b! } } });
  writeFileSync(path, await image.png().toBuffer());
}

async function openFolder(options: Partial<OpenOptions> = {}, path = folder): Promise<PictureDataset> {
  const dataset = await openPictures(path, { canvas: CANVAS, cacheDir, ...options });
  opened.push(dataset);
  return dataset;
}

/** How many pictures were decoded while opening: none when the cache was there. */
async function decodedWhile(options: Partial<OpenOptions> = {}): Promise<number> {
  const counts: number[] = [];
  await openFolder({ ...options, onProgress: (done) => void counts.push(done) });
  return counts.length === 0 ? 0 : counts.at(-1)! - counts[0]!;
}

async function canvases(dataset: PictureDataset): Promise<Uint8Array> {
  const out = new Uint8Array(dataset.size * 3 * dataset.canvas ** 2).fill(99);
  await dataset.readBatch(
    Array.from({ length: dataset.size }, (_, i) => i),
    out,
  );
  return out;
}

const pixel = (canvas: Uint8Array, index: number, row: number, col: number) =>
  [0, 1, 2].map((plane) => canvas[((index * 3 + plane) * CANVAS + row) * CANVAS + col]);
const finished = () => readdirSync(cacheDir).filter((name) => !name.includes("partial"));

describe("the cache of a folder", () => {
  describe("whose files were exchanged under equal names, sizes and times", () => {
    const small = () => join(folder, "a/small.png");
    const names = ["a/small.png", "a/tall.png", "b/large.png"];

    /** Puts other bytes of the same length and time in the place of the small picture. */
    async function exchange(how: (bytes: Uint8Array) => void): Promise<void> {
      const [{ size, mtime }, bytes] = [statSync(small()), readFileSync(small())];
      await picture("a/small.png", 5, 7, [0, 0, 255]);
      const other = readFileSync(small());
      expect(other.length).toBeLessThanOrEqual(size + 100);
      writeFileSync(small(), bytes);
      how(Buffer.concat([other, Buffer.alloc(Math.max(0, size - other.length))]).subarray(0, size));
      utimesSync(small(), mtime, mtime);
    }

    test("in place or by renaming notices, reads those anew, and says so", async () => {
      utimesSync(small(), 1000, 1000);
      for (const budgetBytes of [undefined, 1000]) {
        await picture("a/small.png", 5, 7, [200, 100, 50]);
        utimesSync(small(), 1000, 1000);
        const before = await openFolder({ budgetBytes });
        await exchange((bytes) => {
          writeFileSync(join(base, "other.png"), bytes);
          renameSync(join(base, "other.png"), small());
        });
        const after = await openFolder({ budgetBytes });
        expect(after.notes).toEqual([expect.stringMatching(/^1 picture was exchanged/)]);
        expect(after.fingerprint).not.toBe(before.fingerprint);
        const [one, two] = [await canvases(before), await canvases(after)];
        expect(pixel(two, 0, 0, 0)[2]).toBeGreaterThan(240);
        const rest = (all: Uint8Array) => all.subarray(3 * CANVAS * CANVAS);
        expect(rest(two)).toEqual(rest(one));
        const again = await openFolder({ budgetBytes });
        expect([again.notes, again.fingerprint]).toEqual([[], after.fingerprint]);
        const fresh = await openFolder({ budgetBytes, cacheDir: join(base, `fresh-${budgetBytes}`) });
        expect(again.fingerprint).toBe(fresh.fingerprint);
        // What was found of pictures that are not decoded again is kept.
        expect(again.findings).toEqual(fresh.findings);
        expect(again.findings).toMatchObject({ oneColour: { count: 3 } });
      }
      expect(readdirSync(cacheDir)).toHaveLength(2);
    });

    test("takes files that only moved for what they are, and reads them once", async () => {
      const before = await openFolder();
      const [cache] = finished();
      chmodSync(small(), 0o600);
      const reads: number[] = [];
      const after = await openFolder({ onProgress: (done) => void reads.push(done) });
      expect([after.fingerprint, after.notes, reads, finished()]).toEqual([
        before.fingerprint,
        [],
        [1],
        [cache],
      ]);
      expect(await decodedWhile()).toBe(0);
    });

    test("reads all when it is told to, and finds records of other bytes", async () => {
      const { fingerprint } = await openFolder();
      const reads: number[] = [];
      await openFolder({ verify: true, onProgress: (done) => void reads.push(done) });
      expect(reads).toEqual([1, 2, 3]);
      const index = join(cacheDir, finished()[0]!, "index.safetensors");
      const kept = decodeCacheIndex(readFileSync(index));
      kept.hashes[1] = "0".repeat(32); // as if the disk or a clock had hidden the exchange
      writeFileSync(index, encodeCacheIndex(kept));
      expect((await openFolder()).notes).toEqual([]);
      const verified = await openFolder({ verify: true });
      expect(verified.notes).toEqual([expect.stringMatching(/^1 picture was exchanged/)]);
      expect([verified.fingerprint, verified.names]).toEqual([fingerprint, names]);
    });
  });

  test("tries a file again that could not be read for a moment, and keeps what is broken", async () => {
    writeFileSync(join(folder, "a/broken.png"), "broken");
    const away = join(base, "away.png");
    let first = true;
    const listed = await openFolder({
      onProgress: () => {
        if (first) renameSync(join(folder, "b/large.png"), away); // after it was listed, before it is read
        first = false;
      },
    });
    expect(listed.skipped).toEqual([
      { path: "a/broken.png", reason: "not a picture in a known format" },
      { path: "b/large.png", reason: "not found" },
    ]);
    renameSync(away, join(folder, "b/large.png"));
    const back = await openFolder();
    expect(back.names).toEqual(["a/small.png", "a/tall.png", "b/large.png"]);
    expect(back.notes).toEqual([]);
    expect(back.skipped.map(({ path }) => path)).toEqual(["a/broken.png"]);
    const fresh = await openFolder({ cacheDir: join(base, "fresh") });
    expect(back.fingerprint).toBe(fresh.fingerprint);
    expect(await canvases(back)).toEqual(await canvases(fresh));
    expect(await decodedWhile()).toBe(0);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });
});
