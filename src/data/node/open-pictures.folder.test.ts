import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
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
import { AfterimageError } from "../../errors.ts";

useCachedFolder();

describe("a folder of pictures", () => {
  test("becomes canvases with the pictures at the top left, shrunk where they are larger, never enlarged", async () => {
    const dataset = await openFolder();
    expect(dataset.names).toEqual(["a/small.png", "a/tall.png", "b/large.png"]);
    expect([...dataset.heights]).toEqual([7, 16, 8]);
    expect([...dataset.widths]).toEqual([5, 8, 16]);
    expect(dataset).toMatchObject({ size: 3, canvas: CANVAS, labels: null, classNames: null, skipped: [] });
    const all = await canvases(dataset);
    expect([pixel(all, 0, 0, 0), pixel(all, 0, 6, 4)]).toEqual([
      [200, 100, 50],
      [200, 100, 50],
    ]);
    expect([pixel(all, 0, 7, 0), pixel(all, 0, 0, 5)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect([pixel(all, 2, 7, 15), pixel(all, 2, 8, 0)]).toEqual([
      [10, 20, 30],
      [0, 0, 0],
    ]);
  });

  test("gives labels by the first level of folders when asked", async () => {
    const dataset = await openFolder({ labels: true });
    expect(dataset.classNames).toEqual(["a", "b"]);
    expect(dataset.labels).toEqual(Int32Array.of(0, 0, 1));
    await picture("stray.png", 4, 4, [0, 0, 0]);
    await expect(openFolder({ labels: true })).rejects.toThrow(/stray\.png/);
  });

  test("skips broken files, says which and why, and keeps the classes' places", async () => {
    writeFileSync(join(folder, "a/empty.png"), "");
    writeFileSync(join(folder, "a/text.jpg"), "not a picture");
    const whole = readFileSync(join(folder, "b/large.png"));
    writeFileSync(join(folder, "b/cut.png"), whole.subarray(0, whole.length - 30));
    mkdirSync(join(folder, "aa"));
    writeFileSync(join(folder, "aa/only.png"), "broken");
    const dataset = await openFolder({ labels: true });
    expect(dataset.names).toEqual(["a/small.png", "a/tall.png", "b/large.png"]);
    expect(dataset.labels).toEqual(Int32Array.of(0, 0, 2));
    expect(dataset.classNames).toEqual(["a", "aa", "b"]);
    expect(dataset.skipped.map(({ path }) => path)).toEqual([
      "a/empty.png",
      "a/text.jpg",
      "aa/only.png",
      "b/cut.png",
    ]);
    expect(dataset.skipped[0]!.reason).toBe("the file is empty");
    expect((await openFolder()).skipped).toEqual(dataset.skipped); // from the cache as well
  });

  test("of broken files only is an error that shows some of them, and leaves nothing behind", async () => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const name of ["a", "b", "c", "d"]) writeFileSync(join(folder, `${name}.png`), "x");
    await expect(openFolder()).rejects.toMatchObject({ code: "data/all-broken" });
    await expect(openFolder()).rejects.toThrow(/4 broken \(a\.png: not a picture.*…/);
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  test("has the same fingerprint wherever it lies and whenever it was copied, and another when a pixel changes", async () => {
    const { fingerprint } = await openFolder();
    const copy = join(base, "copy");
    cpSync(folder, copy, { recursive: true });
    expect((await openFolder({}, copy)).fingerprint).toBe(fingerprint);
    expect((await openFolder({ labels: true })).fingerprint).toBe(fingerprint);
    expect((await openFolder({ canvas: 20 })).fingerprint).not.toBe(fingerprint);
    await picture("a/small.png", 5, 7, [200, 100, 51]);
    expect((await openFolder()).fingerprint).not.toBe(fingerprint);
  });
});

describe("the cache of a folder", () => {
  test("is built once and found again", async () => {
    const first = await canvases(await openFolder());
    expect(await decodedWhile()).toBe(0);
    expect(await canvases(await openFolder())).toEqual(first);
    expect(finished()).toHaveLength(1);
  });

  test.each<[string, () => void | Promise<void>]>([
    ["a file is added", () => picture("c.png", 4, 4, [1, 1, 1])],
    ["a file is removed", () => rmSync(join(folder, "a/small.png"))],
    ["a file is renamed", () => renameSync(join(folder, "a/small.png"), join(folder, "a/other.png"))],
    ["a file changes its length", () => appendFileSync(join(folder, "a/small.png"), "tail")],
    ["a file has another time", () => utimesSync(join(folder, "a/small.png"), 1, 1)],
  ])("is built anew when %s, and the old one goes", async (_, change) => {
    await openFolder();
    const [before] = finished();
    await change();
    expect(await decodedWhile()).toBeGreaterThan(0);
    expect(finished()).toHaveLength(1);
    expect(finished()).not.toEqual([before]);
  });

  test("is not that of another canvas, nor of another list in the same folder", async () => {
    await openFolder();
    await openFolder({ canvas: 12 });
    for (const name of ["one.txt", "two.txt"]) {
      writeFileSync(join(folder, name), "a/small.png\n");
      await openFolder({}, join(folder, name));
    }
    expect(finished()).toHaveLength(4);
    expect(await decodedWhile()).toBe(0);
  });

  test.each<[string, (cache: string) => void]>([
    ["its records are cut short", (cache) => truncateSync(join(cache, "records.bin"), 100)],
    ["its records are gone", (cache) => rmSync(join(cache, "records.bin"))],
    ["its index is damaged", (cache) => writeFileSync(join(cache, "index.safetensors"), "garbage")],
    ["its index is gone", (cache) => rmSync(join(cache, "index.safetensors"))],
  ])("is built anew when %s", async (_, damage) => {
    const first = await canvases(await openFolder());
    damage(join(cacheDir, finished()[0]!));
    expect(await decodedWhile()).toBe(3);
    expect(await canvases(await openFolder())).toEqual(first);
  });

  test("keeps encoded pictures where canvases would pass the budget", async () => {
    const raw = await openFolder();
    const size = (name: string) => statSync(join(cacheDir, name, "records.bin")).size;
    expect(size(finished()[0]!)).toBe(3 * 3 * CANVAS * CANVAS);
    const encoded = await openFolder({ budgetBytes: 1000 });
    expect(encoded.fingerprint).not.toBe(raw.fingerprint);
    expect([encoded.names, encoded.heights, encoded.widths]).toEqual([raw.names, raw.heights, raw.widths]);
    const [exact, close] = [await canvases(raw), await canvases(encoded)];
    expect(exact.every((value, i) => Math.abs(value - close[i]!) <= 3)).toBe(true);
    expect(await decodedWhile({ budgetBytes: 1000 })).toBe(0);
    expect(finished()).toHaveLength(2);
  });

  test("can be read by several batches at once, closed while one is read, and not after", async () => {
    for (const budgetBytes of [undefined, 1000]) {
      const dataset = await openFolder({ budgetBytes });
      const whole = await canvases(dataset);
      const outs = [0, 1, 2].map(() => new Uint8Array(whole.length));
      const reads = outs.map((out) => dataset.readBatch([0, 1, 2], out));
      await dataset.close();
      await Promise.all(reads);
      for (const out of outs) expect(out).toEqual(whole);
      await expect(dataset.readBatch([0], new Uint8Array(3 * CANVAS * CANVAS))).rejects.toThrow(/closed/);
    }
  });

  test("that was stopped goes on where it stopped, in this process too", async () => {
    for (let i = 0; i < 400; i++) await picture(`many/${i}.png`, 2 + (i % 9), 3, [i % 256, 0, 0]);
    const stop = new AbortController();
    const stopped = openFolder({
      signal: stop.signal,
      onProgress: (done) => void (done >= 300 && stop.abort()),
    });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    expect(finished()).toEqual([]);
    let first = -1;
    const dataset = await openFolder({
      onProgress: (done, total) => {
        if (first < 0) first = done;
        expect(total).toBe(403);
      },
    });
    expect(first).toBeGreaterThanOrEqual(300);
    expect(first).toBeLessThan(403);
    const fresh = await openFolder({ cacheDir: join(base, "other") });
    expect(dataset.fingerprint).toBe(fresh.fingerprint);
    expect(await canvases(dataset)).toEqual(await canvases(fresh));
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  test("is refused with a sentence where its place cannot be written", async () => {
    writeFileSync(join(base, "file"), "in the way");
    const error = await openFolder({ cacheDir: join(base, "file", "cache") }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AfterimageError);
    expect(error).toMatchObject({ code: "data/cache", evidence: { got: "not a folder" } });
    expect(existsSync(join(base, "file"))).toBe(true);
  });
});
