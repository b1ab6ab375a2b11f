/** Properties of every method of the list, in runs that are as small as possible. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import { METHODS } from "../../src/methods/index.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/train/node/checkpoint.ts";
import { type StepReport, Trainer } from "../../src/train/trainer.ts";
import { TINY_METHODS, tinyConfig, tinyPictures } from "../support/tiny-run.ts";

async function trainerOf(method: string, batchSize: number): Promise<Trainer> {
  return Trainer.create(tinyConfig({ ...TINY_METHODS[method], method, batchSize }), { threads: 1 });
}

/** Takes the steps `from` to `to` of the run. */
async function train(trainer: Trainer, from: number, to: number): Promise<StepReport[]> {
  const { batchSize, seed } = trainer.config;
  const { stepsPerEpoch } = trainer.plan;
  const reports: StepReport[] = [];
  for (let step = from; step < to; step++) {
    const epoch = Math.floor(step / stepsPerEpoch);
    for await (const batch of batches(tinyPictures(), {
      batchSize,
      seed,
      epoch,
      startStep: step % stepsPerEpoch,
    })) {
      reports.push(await trainer.step(batch, step));
      break;
    }
  }
  return reports;
}

function lossesOf(reports: readonly StepReport[]): number[] {
  return reports.map(({ loss }) => loss);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-every-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("the tiny methods are those of the list", () => {
  expect(Object.keys(TINY_METHODS).sort()).toEqual(METHODS.map(({ name }) => name).sort());
});

describe.each(Object.keys(TINY_METHODS))("%s", (method) => {
  it("trains on two pictures at a time", async () => {
    const trainer = await trainerOf(method, 2);
    for (const { loss, metrics } of await train(trainer, 0, 2)) {
      expect(loss).toSatisfy(Number.isFinite);
      for (const { metric } of trainer.method.spread?.(64) ?? [])
        expect(metrics[metric]).toSatisfy(Number.isFinite);
    }
    await trainer.release();
  });

  it("continues from a checkpoint in a new trainer like the first one, on seven pictures at a time", async () => {
    const first = await trainerOf(method, 7);
    await train(first, 0, 2);
    const path = await writeCheckpoint(folder, 2, first.values, first.shapes);
    const losses = lossesOf(await train(first, 2, 5));
    await first.release();
    const second = await trainerOf(method, 7);
    const lengths = new Map([...second.values].map(([name, data]) => [name, data.length]));
    const { arrays } = await readCheckpoint(path, { lengths, pictures: "" });
    for (const [name, data] of arrays) second.values.set(name, data);
    expect(lossesOf(await train(second, 2, 5))).toEqual(losses);
    expect(second.values).toEqual(first.values);
    await second.release();
  });
});
