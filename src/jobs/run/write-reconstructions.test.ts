import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TINY, TINY_METHODS, tinyConfig, tinyPictures } from "../../../test/support/tiny-run.ts";
import { reconstructPictures } from "../../train/reconstruct.ts";
import { Trainer } from "../../train/trainer.ts";
import { inspect } from "../inspect.ts";
import { pretrain } from "../pretrain.ts";

const dataset = tinyPictures();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-reconstructions-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function reconstruct(method: string) {
  const config = tinyConfig({ ...TINY_METHODS[method], method });
  const trainer = await Trainer.create(config, { threads: 1 });
  const indices = Int32Array.of(3, 8);
  const pictures = await reconstructPictures(dataset, {
    config,
    method: trainer.method,
    values: trainer.values,
    indices,
    threads: 1,
  });
  await trainer.release();
  return pictures;
}

describe.each(["mae", "simmim"])("what %s fills in", (method) => {
  it("leaves what it saw as it was, and hides the rest", async () => {
    const { side, original, masked, filled } = (await reconstruct(method))!;
    expect(side).toBe(TINY.imageSize);
    expect(original.length).toBe(2 * 3 * side ** 2);
    const grey = [0.485, 0.456, 0.406]; // the mean colour
    let hidden = 0;
    for (const [i, value] of original.entries()) {
      const isSeen = Math.abs(masked[i]! - value) < 1e-5;
      if (isSeen) expect(filled[i]).toBeCloseTo(value, 4);
      else expect(masked[i]).toBeCloseTo(grey[Math.floor(i / side ** 2) % 3]!, 5);
      if (!isSeen) hidden++;
    }
    const ratio = method === "mae" ? 12 / 16 : 10 / 16;
    expect(hidden / original.length).toBeCloseTo(ratio, 1);
    expect(filled).toSatisfy((values: Float32Array) => values.every((value) => value >= 0 && value <= 1));
  });
});

it("is not there for methods that fill nothing in", async () => {
  expect(await reconstruct("simclr")).toBeNull();
});

it("is written at the end of a run, told by its result, listed by inspect, and removed when the run starts over", async () => {
  const options = {
    ...TINY,
    pictures: dataset,
    epochs: 1,
    out: join(folder, "run"),
    threads: 1,
    monitorEvery: 0,
  };
  const { reconstructions, run } = await pretrain({ ...options, ...TINY_METHODS.mae, method: "mae" });
  expect(reconstructions).toBe(join(run, "reconstructions.png"));
  const { width, height } = await sharp(reconstructions!).metadata();
  // Ten pictures of 16 pixels side by side in three rows, a pixel between them, six times as large.
  expect([width, height]).toEqual([6 * (10 * 17 - 1), 6 * (3 * 17 - 1)]);
  expect(await inspect(run)).toMatchObject({ reconstructions });

  const again = await pretrain({ ...options, ...TINY_METHODS.simclr, force: true });
  expect(again.reconstructions).toBeNull();
  expect(await inspect(run)).not.toHaveProperty("reconstructions");
});
