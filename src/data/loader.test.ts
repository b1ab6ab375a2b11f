import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import {
  type Batch,
  type BatchOptions,
  type BatchPart,
  batches,
  epochOrder,
  stepsPerEpoch,
} from "./loader.ts";
import { memoryDataset } from "./memory-dataset.ts";
import { makeDataset, type PictureDataset } from "./picture-dataset.ts";

const CANVAS = 2;
const BYTES = 3 * CANVAS * CANVAS;
/** Every byte of a picture is its index. */
const numbered = (count: number) =>
  memoryDataset({
    canvas: CANVAS,
    pictures: Uint8Array.from({ length: count * BYTES }, (_, i) => Math.floor(i / BYTES)),
    heights: Int32Array.from({ length: count }, (_, i) => 1 + (i % 2)),
  });

type Read = Omit<Batch, "parts"> & { parts: BatchPart[] };

async function collect(dataset: PictureDataset, options: BatchOptions): Promise<Read[]> {
  const all: Read[] = [];
  for await (const batch of batches(dataset, options)) {
    const parts: BatchPart[] = [];
    for await (const part of batch.parts()) parts.push({ ...part, pictures: part.pictures.slice() });
    all.push({ ...batch, parts });
  }
  return all;
}

describe("epochOrder", () => {
  test("is a permutation that seed and epoch decide", () => {
    const order = epochOrder(100, 1, 0);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(epochOrder(100, 1, 0)).toEqual(order);
    expect(epochOrder(100, 1, 1)).not.toEqual(order);
    expect(epochOrder(100, 2, 0)).not.toEqual(order);
  });
});

describe("batches", () => {
  const options = { batchSize: 4, seed: 3, epoch: 2 };

  test("go through the epoch's order, each with its pictures and rectangles", async () => {
    const dataset = numbered(11);
    const all = await collect(dataset, options);
    expect(all.map((batch) => batch.step)).toEqual([0, 1]);
    expect(all.flatMap((batch) => [...batch.indices])).toEqual([...epochOrder(11, 3, 2).subarray(0, 8)]);
    for (const { indices, pictures, heights, widths } of all.flatMap(({ parts }) => parts)) {
      expect(pictures).toHaveLength(4 * BYTES);
      indices.forEach((index, i) => {
        expect(new Set(pictures.subarray(i * BYTES, (i + 1) * BYTES))).toEqual(new Set([index]));
        expect([heights[i], widths[i]]).toEqual([1 + (index % 2), CANVAS]);
      });
    }
  });

  test("end with a smaller batch when asked to keep it", async () => {
    const all = await collect(numbered(11), { ...options, dropLast: false });
    expect(all.map((batch) => batch.indices.length)).toEqual([4, 4, 3]);
    expect(all.at(-1)!.parts[0]!.pictures).toHaveLength(3 * BYTES);
    const whole = all.flatMap((batch) => [...batch.indices]).sort((a, b) => a - b);
    expect(whole).toEqual(Array.from({ length: 11 }, (_, i) => i));
  });

  test("started in the middle are the ones an unbroken epoch has there", async () => {
    const unbroken = await collect(numbered(20), options);
    expect(await collect(numbered(20), { ...options, startStep: 3 })).toEqual(unbroken.slice(3));
    expect(await collect(numbered(20), { ...options, startStep: 5 })).toEqual([]);
  });

  test("are read one ahead, and a batch in use is not written over", async () => {
    const started: number[] = [];
    const plain = numbered(16);
    const { size: _, ...description } = plain;
    const watched = makeDataset(description, {
      read(indices, out) {
        started.push(indices[0]!);
        return plain.readBatch(indices, out);
      },
    });
    let step = 0;
    for await (const batch of batches(watched, options)) {
      for await (const part of batch.parts()) {
        expect(started).toHaveLength(Math.min(step + 2, 4)); // this batch and the one after it
        const before = part.pictures.slice();
        await new Promise((resolve) => setImmediate(resolve));
        expect(part.pictures).toEqual(before);
      }
      step++;
    }
    expect(step).toBe(4);
  });

  test("come in parts, which together are the batch, as often as they are asked for", async () => {
    const reads: number[][] = [];
    const plain = numbered(11);
    const { size: _, ...description } = plain;
    const watched = makeDataset(description, {
      read(indices, out) {
        reads.push(Array.from(indices));
        return plain.readBatch(indices, out);
      },
    });
    const [whole] = await collect(numbered(11), { ...options, batchSize: 5 });
    const seen: BatchPart[][] = [];
    for await (const batch of batches(watched, { ...options, batchSize: 5, partSize: 2 })) {
      for (const again of [true, false]) {
        const parts: BatchPart[] = [];
        for await (const part of batch.parts({ again }))
          parts.push({ ...part, pictures: part.pictures.slice() });
        seen.push(parts);
      }
    }
    const [first, second] = seen;
    expect(first!.map(({ start, indices }) => [start, indices.length])).toEqual([
      [0, 2],
      [2, 2],
      [4, 1],
    ]);
    expect(second).toEqual(first);
    expect(first!.flatMap(({ pictures }) => [...pictures])).toEqual([...whole!.parts[0]!.pictures]);
    expect(reads).toHaveLength(2 * 2 * 3); // two batches, twice, nothing read in vain
  });

  test("that are abandoned wait for what is being read, so that the data set can be closed", async () => {
    let reading = 0;
    const { size: _, ...description } = numbered(16);
    const slow = makeDataset(description, {
      async read() {
        reading++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        reading--;
      },
    });
    for await (const _batch of batches(slow, options)) break;
    expect(reading).toBe(0);
  });

  test("tell a failed read where its batch is due", async () => {
    let reads = 0;
    const { size: _, ...description } = numbered(16);
    const failing = makeDataset(description, {
      async read() {
        if (++reads === 3) throw new AfterimageError("data/unreadable", { what: "the disk is gone" });
      },
    });
    const seen: number[] = [];
    const run = (async () => {
      for await (const batch of batches(failing, options))
        for await (const _part of batch.parts()) seen.push(batch.step);
    })();
    await expect(run).rejects.toThrow("the disk is gone");
    expect(seen).toEqual([0, 1]);
  });

  test("larger than the data set are refused with both numbers", async () => {
    await expect(collect(numbered(3), options)).rejects.toThrow(/at least 4 pictures.*got 3/);
    expect(await collect(numbered(3), { ...options, dropLast: false })).toHaveLength(1);
  });

  test.each([[0], [-4], [2.5]])("of %d pictures are refused", async (batchSize) => {
    await expect(collect(numbered(8), { ...options, batchSize })).rejects.toThrow(AfterimageError);
  });
});

test("stepsPerEpoch counts whole batches, or all of them", () => {
  expect([stepsPerEpoch(11, 4), stepsPerEpoch(11, 4, false), stepsPerEpoch(12, 4, false)]).toEqual([2, 3, 3]);
});
