import { expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { relativeError } from "../support/probe.ts";
import { TINY_METHODS, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

/** Loss and values after a step on the same eight pictures. */
async function stepOf(method: string, microBatch: number) {
  const config = tinyConfig({ ...TINY_METHODS[method], method, batchSize: 8, microBatch });
  const trainer = await Trainer.create(config, { threads: 1 });
  const source = { batchSize: 8, partSize: microBatch, seed: config.seed, epoch: 0 };
  for await (const batch of batches(tinyPictures(), source)) {
    // The first step of the warm-up has a rate of 0.
    const { loss } = await trainer.step(batch, 1);
    await trainer.release();
    return { loss, values: trainer.values };
  }
  throw new Error("no batch");
}

it.each(["mae", "simmim", "i-jepa"])(
  "%s takes the same step in parts, with the same patches hidden",
  async (method) => {
    const [whole, parts] = [await stepOf(method, 8), await stepOf(method, 2)];
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    // Adam divides by the root of the second moment, so a gradient near 0 has the sign of its rounding.
    for (const [path, value] of whole.values)
      if (path.startsWith("optimizer."))
        expect(relativeError(parts.values.get(path)!, value), path).toBeLessThan(1e-3);
  },
);
