/** A cache whose files have changed although their names, sizes and times have not. */
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  base,
  CANVAS,
  cacheDir,
  canvases,
  decodedWhile,
  finished,
  folder,
  openFolder,
  picture,
  pixel,
  useCachedFolder,
} from "../../../test/support/cached-folder.ts";
import { decodeCacheIndex, encodeCacheIndex } from "./cache-index.ts";

useCachedFolder();

describe("the cache of a folder", () => {
  describe("whose files were exchanged under equal names, sizes and times", () => {
    const small = () => join(folder, "a/small.png");
    const names = ["a/small.png", "a/tall.png", "b/large.png"];

    /** Replaces the bytes of the small picture by others of the same length and time. */
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
        expect(after.notes).toEqual([expect.stringMatching(/^1 picture has new contents/)]);
        expect(after.fingerprint).not.toBe(before.fingerprint);
        const [one, two] = [await canvases(before), await canvases(after)];
        expect(pixel(two, 0, 0, 0)[2]).toBeGreaterThan(240);
        const rest = (all: Uint8Array) => all.subarray(3 * CANVAS * CANVAS);
        expect(rest(two)).toEqual(rest(one));
        const again = await openFolder({ budgetBytes });
        expect([again.notes, again.fingerprint]).toEqual([[], after.fingerprint]);
        const fresh = await openFolder({ budgetBytes, cacheDir: join(base, `fresh-${budgetBytes}`) });
        expect(again.fingerprint).toBe(fresh.fingerprint);
        // Findings of pictures that are not decoded again are kept.
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
      expect(verified.notes).toEqual([expect.stringMatching(/^1 picture has new contents/)]);
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
      { path: "a/broken.png", reason: "not a picture in a supported format" },
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
