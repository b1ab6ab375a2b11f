import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { memoryDataset } from "./memory-dataset.ts";
import { makeDataset } from "./picture-dataset.ts";
import { stackDataset } from "./stack-dataset.ts";
import { subset } from "./subset.ts";

const CANVAS = 4;
const BYTES = 3 * CANVAS * CANVAS;
/** Pictures whose every byte is ten times their index plus one. */
const pictures = (count: number) =>
  Uint8Array.from({ length: count * BYTES }, (_, i) => 10 * Math.floor(i / BYTES) + 1);
const read = async (dataset: ReturnType<typeof memoryDataset>, indices: number[]) => {
  const out = new Uint8Array(indices.length * 3 * dataset.canvas ** 2).fill(77);
  await dataset.readBatch(indices, out);
  return out;
};

describe("memoryDataset", () => {
  test("gives the canvases asked for, in order, repeats included", async () => {
    const dataset = memoryDataset({ canvas: CANVAS, pictures: pictures(3) });
    const out = await read(dataset, [2, 0, 2]);
    expect([out[0], out[BYTES - 1], out[BYTES], out[2 * BYTES - 1], out[2 * BYTES]]).toEqual([
      21, 21, 1, 1, 21,
    ]);
  });

  test("fills in names and whole rectangles where none are given", () => {
    const dataset = memoryDataset({ canvas: CANVAS, pictures: pictures(2) });
    expect(dataset).toMatchObject({
      size: 2,
      names: ["0", "1"],
      labels: null,
      classNames: null,
      skipped: [],
    });
    expect(dataset.heights).toEqual(Int32Array.of(4, 4));
  });

  test("its fingerprint follows pixels, rectangles, names and canvas, and nothing else", () => {
    const of = (change: object) =>
      memoryDataset({ canvas: CANVAS, pictures: pictures(2), ...change }).fingerprint;
    expect(of({})).toBe(of({ labels: Int32Array.of(0, 1) }));
    const others = [
      { pictures: pictures(2).with(60, 0) },
      { heights: Int32Array.of(4, 3) },
      { widths: Int32Array.of(4, 3) },
      { names: ["a", "b"] },
      { canvas: 2, names: Array.from({ length: 8 }, (_, i) => String(i)) },
    ].map(of);
    expect(new Set([of({}), ...others]).size).toBe(6);
  });

  test.each<[string, object]>([
    ["half a canvas", { pictures: new Uint8Array(BYTES + 1) }],
    ["a name too few", { names: ["only"] }],
    ["a label too many", { labels: Int32Array.of(0, 0, 0) }],
    ["a label outside the classes", { labels: Int32Array.of(0, 2), classNames: ["a", "b"] }],
    ["a negative label", { labels: Int32Array.of(0, -1) }],
    ["a rectangle larger than the canvas", { heights: Int32Array.of(4, 5) }],
    ["an empty rectangle", { widths: Int32Array.of(0, 4) }],
  ])("refuses %s", (_, change) => {
    expect(() => memoryDataset({ canvas: CANVAS, pictures: pictures(2), ...change })).toThrow(
      AfterimageError,
    );
  });
});

describe("reading a data set", () => {
  test.each([[-1], [2], [0.5], [Number.NaN]])("refuses the index %d", async (index) => {
    const dataset = memoryDataset({ canvas: CANVAS, pictures: pictures(2) });
    await expect(read(dataset, [0, index])).rejects.toThrow(AfterimageError);
  });

  test("refuses a buffer of another length", async () => {
    const dataset = memoryDataset({ canvas: CANVAS, pictures: pictures(2) });
    await expect(dataset.readBatch([0, 1], new Uint8Array(BYTES))).rejects.toThrow(/96 bytes/);
  });

  test("is refused after closing, and closing twice closes once", async () => {
    let closings = 0;
    const { size: _, ...description } = memoryDataset({ canvas: CANVAS, pictures: pictures(1) });
    const dataset = makeDataset(description, { read: () => {}, close: () => void closings++ });
    await dataset.close();
    await dataset.close();
    expect(closings).toBe(1);
    await expect(read(dataset, [0])).rejects.toThrow(/closed/);
  });
});

describe("stackDataset", () => {
  const options = { canvas: CANVAS, names: ["a", "b"], labels: null, classNames: null };
  const grey = {
    count: 2,
    channels: 1 as const,
    height: 2,
    width: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  };

  test("lays one channel onto three planes, top left, zeros around it", async () => {
    const dataset = stackDataset(grey, options);
    const plane = [7, 8, 9, 0, 10, 11, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(Array.from(await read(dataset, [1]))).toEqual([...plane, ...plane, ...plane]);
    expect([...dataset.heights, ...dataset.widths]).toEqual([2, 2, 3, 3]);
  });

  test("keeps three channels apart", async () => {
    const colour = {
      count: 1,
      channels: 3 as const,
      height: 1,
      width: 2,
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
    };
    const out = await read(stackDataset(colour, { ...options, canvas: 2, names: ["a"] }), [0]);
    expect(Array.from(out)).toEqual([1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0]);
  });

  test("shrinks pictures that are larger than the canvas", async () => {
    const dataset = stackDataset(grey, { ...options, canvas: 2 });
    expect([...dataset.heights, ...dataset.widths]).toEqual([1, 1, 2, 2]);
    expect(Array.from((await read(dataset, [0])).subarray(0, 4))).toEqual([3, 4, 0, 0]);
  });
});

describe("subset", () => {
  const parent = memoryDataset({
    canvas: CANVAS,
    pictures: pictures(4),
    names: ["a", "b", "c", "d"],
    heights: Int32Array.of(1, 2, 3, 4),
    labels: Int32Array.of(0, 1, 0, 1),
    classNames: ["even", "odd"],
  });

  test("holds the chosen pictures with all that belongs to them", async () => {
    const some = subset(parent, [3, 1, 3]);
    expect(some).toMatchObject({ size: 3, names: ["d", "b", "d"], classNames: ["even", "odd"] });
    expect([...some.labels!, ...some.heights]).toEqual([1, 1, 1, 4, 2, 4]);
    expect((await read(some, [1, 0]))[0]).toBe(11);
  });

  test("has a fingerprint of its own, by order too", () => {
    const prints = [
      [0, 1],
      [1, 0],
      [0, 1, 2],
    ].map((indices) => subset(parent, indices).fingerprint);
    expect(new Set([parent.fingerprint, ...prints]).size).toBe(4);
  });

  test("leaves its parent open", async () => {
    await subset(parent, [0]).close();
    expect((await read(parent, [1]))[0]).toBe(11);
  });

  test("refuses an index out of range", () => {
    expect(() => subset(parent, [4])).toThrow(AfterimageError);
  });
});
