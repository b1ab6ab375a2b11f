import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AfterimageError } from "../../errors.ts";
import { type OpenOptions, openPictures } from "./open-pictures.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "afterimage-sources-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (name = "", options: Partial<OpenOptions> = {}) =>
  openPictures(join(root, name), { canvas: 4, cacheDir: join(root, ".cache"), ...options });
const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(root, name), bytes);
const first = async (dataset: Awaited<ReturnType<typeof open>>, index = 0) => {
  const out = new Uint8Array(3 * dataset.canvas ** 2);
  await dataset.readBatch([index], out);
  return Array.from(out);
};

/** `count` pictures of 2×3, each filled with its number plus `from`. */
function idxPictures(count: number, from = 0): Uint8Array {
  const pixels = Array.from({ length: count * 6 }, (_, i) => from + Math.floor(i / 6));
  return Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels);
}
const idxLabels = (...labels: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, labels.length, ...labels);
const cifarRecord = (...labels: number[]) =>
  Uint8Array.of(...labels, ...new Uint8Array(3072).fill(labels.at(-1)! + 1));

describe("IDX", () => {
  beforeEach(() => {
    write("train-images-idx3-ubyte", idxPictures(3, 10));
    write("train-labels-idx1-ubyte", idxLabels(2, 0, 1));
    write("t10k-images-idx3-ubyte.gz", gzipSync(idxPictures(2, 50)));
    write("t10k-labels-idx1-ubyte.gz", gzipSync(idxLabels(1, 1)));
  });

  test("in a folder is opened by its parts, gzipped or not, with labels", async () => {
    const train = await open();
    expect(train).toMatchObject({
      size: 3,
      classNames: ["0", "1", "2"],
      labels: Int32Array.of(2, 0, 1),
      skipped: [],
    });
    expect(train.names[2]).toBe("train-images-idx3-ubyte#2");
    expect([...train.heights, ...train.widths]).toEqual([2, 2, 2, 3, 3, 3]);
    const plane = [11, 11, 11, 0, 11, 11, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(await first(train, 1)).toEqual([...plane, ...plane, ...plane]);
    const test10k = await open("", { split: "test" });
    expect(test10k).toMatchObject({ size: 2, labels: Int32Array.of(1, 1) });
    expect((await first(test10k))[0]).toBe(50);
  });

  test("as one file finds its labels beside it", async () => {
    expect((await open("train-images-idx3-ubyte")).labels).toEqual(Int32Array.of(2, 0, 1));
    expect((await open("t10k-images-idx3-ubyte.gz")).labels).toEqual(Int32Array.of(1, 1));
  });

  test("has no labels where they are not wanted or not there", async () => {
    expect((await open("", { labels: false })).labels).toBeNull();
    rmSync(join(root, "train-labels-idx1-ubyte"));
    expect(await open()).toMatchObject({ labels: null, classNames: null });
    await expect(open("", { labels: true })).rejects.toThrow(/train-labels-idx1-ubyte/);
  });

  test("with the dots of some copies, or the names of EMNIST, is known too", async () => {
    const folder = join(root, "other");
    mkdirSync(folder);
    write("other/train-images.idx3-ubyte", idxPictures(1));
    write("other/train-labels.idx1-ubyte", idxLabels(3));
    expect((await open("other")).labels).toEqual(Int32Array.of(3));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    write("other/emnist-letters-test-images-idx3-ubyte", idxPictures(4));
    expect((await open("other", { split: "test" })).size).toBe(4);
    write("other/emnist-digits-test-images-idx3-ubyte", idxPictures(4));
    await expect(open("other", { split: "test" })).rejects.toThrow(/Give the path of one file/);
  });

  test("without the part asked for says what is there", async () => {
    rmSync(join(root, "t10k-images-idx3-ubyte.gz"));
    await expect(open("", { split: "test" })).rejects.toThrow(/no split "test".*expected train/);
  });

  test.each<[string, string, Uint8Array, RegExp]>([
    ["labels of another number", "train-labels-idx1-ubyte", idxLabels(1, 2), /3 labels.*got 2/],
    [
      "pictures cut short",
      "train-images-idx3-ubyte",
      idxPictures(3).subarray(0, 30),
      /train-images-idx3-ubyte.*18 bytes/,
    ],
    [
      "gzip cut short",
      "train-images-idx3-ubyte",
      gzipSync(idxPictures(3)).subarray(0, 25),
      /unpacked.*train-images/,
    ],
    ["broken gzip", "train-images-idx3-ubyte", Uint8Array.of(0x1f, 0x8b, 1, 2, 3), /unpacked/],
    ["nothing in the file", "train-images-idx3-ubyte", new Uint8Array(), /IDX/],
  ])("refuses %s", async (_, name, bytes, message) => {
    write(name, bytes);
    await expect(open()).rejects.toThrow(AfterimageError);
    await expect(open()).rejects.toThrow(message);
  });
});

describe("CIFAR", () => {
  test("10 in a folder is one set of all training batches, in order, with its classes' names", async () => {
    for (const batch of [2, 1])
      write(`data_batch_${batch}.bin`, Buffer.concat([cifarRecord(batch), cifarRecord(9)]));
    write("test_batch.bin", cifarRecord(4));
    write("batches.meta.txt", `${Array.from({ length: 10 }, (_, i) => `class ${i}`).join("\n")}\n\n`);
    const train = await open("", { canvas: 40 });
    expect(train.labels).toEqual(Int32Array.of(1, 9, 2, 9));
    expect(train.names[2]).toBe("data_batch_2.bin#0");
    expect(train.classNames![9]).toBe("class 9");
    expect([train.heights[0], train.widths[0]]).toEqual([32, 32]);
    const canvas = await first(train, 2);
    expect([canvas[0], canvas[31], canvas[32], canvas[32 * 40], canvas[1600]]).toEqual([3, 3, 0, 0, 3]);
    expect((await open("", { split: "test" })).labels).toEqual(Int32Array.of(4));
  });

  test("100 in a folder has the fine classes", async () => {
    write("train.bin", Buffer.concat([cifarRecord(3, 77), cifarRecord(19, 0)]));
    const train = await open();
    expect(train.labels).toEqual(Int32Array.of(77, 0));
    expect(train.classNames).toHaveLength(100);
    expect((await open("", { labels: false })).labels).toBeNull();
  });

  test("as one file is known by its name or its length", async () => {
    write("data_batch_1.bin", cifarRecord(5));
    write("any.bin", cifarRecord(1, 99));
    expect((await open("data_batch_1.bin")).labels).toEqual(Int32Array.of(5));
    expect((await open("any.bin")).labels).toEqual(Int32Array.of(99));
  });

  test("refuses files that are no such records, by name", async () => {
    write("any.bin", new Uint8Array(100));
    await expect(open("any.bin")).rejects.toThrow(/any\.bin.*100 bytes/);
    write("data_batch_1.bin", cifarRecord(10));
    await expect(open()).rejects.toThrow(/label/);
  });
});

describe("a list", () => {
  beforeEach(async () => {
    mkdirSync(join(root, "p"));
    for (const [i, name] of ["one", "two", "three"].entries()) {
      const background = { r: 50 * i, g: 0, b: 0 };
      write(
        `p/${name}.png`,
        await sharp({ create: { width: 3, height: 2, channels: 3, background } })
          .png()
          .toBuffer(),
      );
    }
    write("p/broken.png", "broken");
  });

  test("gives its pictures in its order, repeats included, with labels, without the broken", async () => {
    write("list.tsv", "p/three.png\tz\np/broken.png\tm\np/one.png\ta\np/gone.png\ta\np/three.png\ta\n");
    const dataset = await open("list.tsv");
    expect(dataset.names).toEqual(["p/three.png", "p/one.png", "p/three.png"]);
    expect(dataset.classNames).toEqual(["a", "m", "z"]);
    expect(dataset.labels).toEqual(Int32Array.of(2, 0, 0));
    expect(dataset.skipped.map(({ path }) => path)).toEqual(["p/gone.png", "p/broken.png"]);
    expect((await first(dataset))[0]).toBe(100);
    expect((await open("list.tsv", { labels: false })).labels).toBeNull();
  });

  test("without labels has none, and an error where they are asked for", async () => {
    write("list.txt", "p/one.png\np/two.png\n");
    expect((await open("list.txt")).labels).toBeNull();
    await expect(open("list.txt", { labels: true })).rejects.toThrow(/2 of 2 pictures without a label/);
  });
});

describe("openPictures refuses, with what to do,", () => {
  test.each<[string, () => Promise<unknown>, string, RegExp]>([
    [
      "a path with nothing there",
      () => open("nowhere"),
      "data/missing",
      /nowhere.*not found.*Check the path/,
    ],
    ["an empty folder", () => open(), "data/empty", /\.jpg/],
    ["a file of no known kind", () => openFile("a.zip"), "usage/value", /a\.zip.*a folder, a list/],
    ["a single picture", () => openFile("a.png"), "usage/value", /give the folder/],
    [
      "a table",
      () => openFile("list.json"),
      "usage/value",
      /write a \.csv or \.tsv file with a path and a label/,
    ],
    ["an empty list", () => openFile("a.txt"), "data/empty", /empty list/],
    [
      "a part of a folder of pictures",
      () => openWhole({ split: "test" }),
      "usage/value",
      /has no splits.*split "test".*path of the pictures of that split/,
    ],
    ["a canvas of nothing", () => open("", { canvas: 0 }), "usage/value", /2 to 8192/],
    ["a canvas of half a pixel", () => open("", { canvas: 32.5 }), "usage/value", /32\.5/],
  ])("%s", async (_, attempt, code, message) => {
    const error = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AfterimageError);
    expect((error as AfterimageError).code).toBe(code);
    expect((error as AfterimageError).message).toMatch(message);
  });

  function openWhole(options: Partial<OpenOptions>) {
    write("a.png", "");
    return open("", options);
  }

  function openFile(name: string) {
    write(name, "");
    return open(name);
  }
});
