/** Data sets that come in parts, as folders, as lists and as files of many pictures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenOptions, openPictures } from "./open-pictures.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "afterimage-parts-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (name = "d", options: Partial<OpenOptions> = {}) =>
  openPictures(join(root, name), { canvas: 4, cacheDir: join(root, ".cache"), labels: "auto", ...options });

function write(name: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), bytes);
}

let drawn = 0;
/** One-coloured pictures, each with a different red. */
async function pictures(...names: string[]): Promise<void> {
  for (const name of names) {
    const background = { r: ++drawn, g: 0, b: 0 };
    const image = sharp({ create: { width: 3, height: 2, channels: 3, background } });
    write(name, await image.png().toBuffer());
  }
}

describe("folders of parts above the classes", () => {
  beforeEach(async () => {
    await pictures(
      "d/Train/cat/1.png",
      "d/Train/dog/2.png",
      "d/VALID/cat/3.png",
      "d/VALID/owl/4.png",
      "d/test/5.png",
    );
  });

  test("are no classes: train is opened as if its folder had been given", async () => {
    const [dataset, given] = [await open(), await open("d/Train")];
    expect([dataset.names, dataset.classNames]).toEqual([
      ["cat/1.png", "dog/2.png"],
      ["cat", "dog"],
    ]);
    expect(dataset.fingerprint).toBe(given.fingerprint);
    expect(dataset.notes).toEqual([
      "of the splits Train/, VALID/, test/ only Train/ is used; `split` chooses another one, or all",
    ]);
  });

  test("are opened apart, or together with the classes of all", async () => {
    expect((await open("d", { split: "val" })).classNames).toEqual(["cat", "owl"]);
    expect((await open("d", { split: "test" })).labels).toBeNull();
    const all = await open("d", { split: "all" });
    expect(all).toMatchObject({ labels: null, unlabelled: "test/ has no classes", size: 5 });
    rmSync(join(root, "d/test"), { recursive: true });
    const labelled = await open("d", { split: "all" });
    expect(labelled.names).toEqual([
      "Train/cat/1.png",
      "Train/dog/2.png",
      "VALID/cat/3.png",
      "VALID/owl/4.png",
    ]);
    expect([labelled.classNames, labelled.labels]).toEqual([
      ["cat", "dog", "owl"],
      Int32Array.of(0, 1, 0, 2),
    ]);
    const out = new Uint8Array(3 * 3 * 16);
    await labelled.readBatch([3, 0, 2], out);
    const parts = [await open("d", { split: "val" }), await open()];
    const expected = new Uint8Array(3 * 16);
    for (const [place, [part, index]] of (
      [
        [0, 1],
        [1, 0],
        [0, 0],
      ] as const
    ).entries()) {
      await parts[part]!.readBatch([index], expected);
      expect(out.subarray(place * 48, (place + 1) * 48)).toEqual(expected);
    }
    await expect(open("d", { split: "test" })).rejects.toThrow(/no split "test".*expected train, val or all/);
  });

  test("are classes where one folder is of another name, or two are one part", async () => {
    await pictures("d/car/6.png");
    expect((await open()).classNames).toEqual(["Train", "VALID", "car", "test"]);
    rmSync(join(root, "d/car"), { recursive: true });
    await pictures("d/val/7.png");
    expect((await open()).classNames).toEqual(["Train", "VALID", "test", "val"]);
  });

  test("leave out what lies beside them, and say so", async () => {
    await pictures("d/stray.png");
    expect((await open()).notes![0]).toBe("left out 1 picture outside the folders of the splits: stray.png");
  });

  test("are all used where there is no train", async () => {
    rmSync(join(root, "d/Train"), { recursive: true });
    expect((await open()).names).toEqual(["VALID/cat/3.png", "VALID/owl/4.png", "test/5.png"]);
  });
});

test("a list with parts keeps a cache for each", async () => {
  await pictures("d/1.png", "d/2.png", "d/3.png");
  write("list.csv", "path,label,split\nd/1.png,a,train\nd/2.png,b,val\nd/3.png,c,train\nd/4.png,c,val\n");
  expect(await open("list.csv")).toMatchObject({
    names: ["d/1.png", "d/3.png"],
    classNames: ["a", "c"],
    skipped: [],
  });
  const val = await open("list.csv", { split: "val" });
  expect(val).toMatchObject({ names: ["d/2.png"], skipped: [{ path: "d/4.png", reason: "not found" }] });
  let decoded = 0;
  await open("list.csv", { onProgress: () => decoded++ });
  expect(decoded).toBe(0);
});

describe("files of many pictures further down", () => {
  const idx = (count: number) =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...new Uint8Array(4 * count));
  const labels = (...of: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, of.length, ...of);
  const cifar = (...of: number[]) =>
    Buffer.concat(of.map((label) => Buffer.concat([Buffer.of(label), Buffer.alloc(3072)])));

  test("are found as torchvision leaves them, gzipped and not", async () => {
    for (const [name, bytes] of [
      ["train-images-idx3-ubyte", idx(3)],
      ["train-labels-idx1-ubyte", labels(4, 0, 1)],
      ["t10k-images-idx3-ubyte", idx(2)],
      ["t10k-labels-idx1-ubyte", labels(1, 1)],
    ] as const) {
      write(`data/MNIST/raw/${name}.gz`, gzipSync(bytes));
      if (name.startsWith("train")) write(`data/MNIST/raw/${name}`, bytes);
    }
    const train = await open("data");
    expect(train.labels).toEqual(Int32Array.of(4, 0, 1));
    expect(train.notes![0]).toBe("the pictures come from the data set in MNIST/raw");
    const all = await open("data", { split: "all" });
    expect(all.labels).toEqual(Int32Array.of(4, 0, 1, 1, 1));
    expect(all.names.slice(2, 4)).toEqual(["train-images-idx3-ubyte#2", "t10k-images-idx3-ubyte#0"]);
  });

  test("of CIFAR are found too, and several sets are named", async () => {
    write("data/cifar-10-batches-bin/data_batch_1.bin", cifar(3, 5));
    write("data/cifar-10-batches-bin/test_batch.bin", cifar(7));
    expect((await open("data", { canvas: 32 })).labels).toEqual(Int32Array.of(3, 5));
    write("data/MNIST/raw/train-images-idx3-ubyte", idx(1));
    await expect(open("data")).rejects.toThrow(
      /several data sets.*cifar-10-batches-bin.*MNIST\/raw|MNIST\/raw.*cifar/,
    );
  });

  test("are not looked for where there are pictures", async () => {
    await pictures("data/a.png");
    write("data/MNIST/raw/train-images-idx3-ubyte", idx(1));
    expect((await open("data")).names).toEqual(["a.png"]);
  });
});

test("pictures of any name are opened where all files are looked into", async () => {
  await pictures("d/a", "d/b.dat");
  await expect(open()).rejects.toThrow(/Add `allFiles`/);
  expect((await open("d", { allFiles: true })).names).toEqual(["a", "b.dat"]);
});
