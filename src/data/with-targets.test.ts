import { describe, expect, it } from "vitest";
import { batches } from "./loader.ts";
import { memoryDataset } from "./memory-dataset.ts";
import { subset } from "./subset.ts";
import { withTargets } from "./with-targets.ts";

const CANVAS = 2;
const COUNT = 6;

const pictures = memoryDataset({
  canvas: CANVAS,
  pictures: new Uint8Array(COUNT * 3 * CANVAS ** 2),
  labels: Int32Array.of(0, 1, 0, 1, 0, 1),
  classNames: ["a", "b"],
});

/** Soft labels that say which picture they are of, and masks whose pixels are the picture's number. */
const dataset = withTargets(pictures, {
  rows: {
    soft: { dtype: "float32", shape: [2], data: Float32Array.from({ length: 2 * COUNT }, (_, i) => i) },
  },
  masks: {
    mask: {
      fingerprint: "numbers",
      read(indices, out) {
        for (let row = 0; row < indices.length; row++)
          out.fill(indices[row]!, row * CANVAS ** 2, (row + 1) * CANVAS ** 2);
      },
    },
  },
});

const WANTED = [
  { name: "label", per: "picture" },
  { name: "soft", per: "picture" },
  { name: "mask", per: "pixel" },
] as const;

async function collect(source = dataset, share?: { rank: number; size: number }) {
  const parts = [];
  const options = { batchSize: 4, partSize: 2, seed: 1, epoch: 0, targets: WANTED, ...(share && { share }) };
  for await (const batch of batches(source, options))
    for await (const { start, indices, targets } of batch.parts())
      parts.push({ start, indices: Array.from(indices), targets, batch });
  return parts;
}

describe("withTargets", () => {
  it("gives the rows and the masks of a part's own pictures, in their types", async () => {
    const parts = await collect();
    expect(parts).toHaveLength(2);
    for (const { indices, targets } of parts) {
      expect(targets.label).toEqual(Int32Array.from(indices, (i) => i % 2));
      expect(targets.soft).toEqual(Float32Array.from(indices.flatMap((i) => [2 * i, 2 * i + 1])));
      expect(targets.mask).toEqual(Uint8Array.from(indices.flatMap((i) => [i, i, i, i])));
    }
  });

  it("gives the rows of the whole batch too", async () => {
    const [{ batch }] = (await collect()) as [Awaited<ReturnType<typeof collect>>[number]];
    expect(batch.targets.label).toEqual(Int32Array.from(batch.indices, (i) => i % 2));
    expect(batch.targets.mask).toBeUndefined();
  });

  it("gives each of several processes its share of every batch", async () => {
    const whole = await collect();
    const shares = [
      ...(await collect(dataset, { rank: 0, size: 2 })),
      ...(await collect(dataset, { rank: 1, size: 2 })),
    ];
    expect(shares.map(({ start, indices }) => ({ start, indices }))).toEqual(
      whole.map(({ start, indices }) => ({ start, indices })),
    );
    await expect(collect(dataset, { rank: 0, size: 3 })).rejects.toThrow(/multiple of 3 pictures.*4/);
  });

  it("goes along into a subset", async () => {
    const chosen = [5, 3, 1, 0];
    for (const { indices, targets } of await collect(subset(dataset, chosen))) {
      const own = indices.map((i) => chosen[i]!);
      expect(targets.soft).toEqual(Float32Array.from(own.flatMap((i) => [2 * i, 2 * i + 1])));
      expect(targets.mask).toEqual(Uint8Array.from(own.flatMap((i) => [i, i, i, i])));
    }
  });

  it("is another data set to a run when a target is another", () => {
    const soft = (data: Float32Array) =>
      withTargets(pictures, { rows: { soft: { dtype: "float32", shape: [2], data } } }).fingerprint;
    expect(soft(new Float32Array(12))).toBe(soft(new Float32Array(12)));
    expect(soft(new Float32Array(12))).not.toBe(soft(new Float32Array(12).fill(1)));
  });

  it("refuses a column without a row for each picture, and a target that is not there", async () => {
    const data = new Float32Array(11);
    expect(() => withTargets(pictures, { rows: { soft: { dtype: "float32", shape: [2], data } } })).toThrow(
      /soft.*12 numbers.*11/,
    );
    await expect(collect(pictures)).rejects.toThrow(/do not have a target.*soft.*only label/);
  });
});
