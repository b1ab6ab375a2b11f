/** What holds for every method of the list, in runs that are as small as they can be. */
import { describe, expect, it } from "vitest";
import { batches } from "../../src/data/loader.ts";
import { METHODS } from "../../src/methods/index.ts";
import { type StepReport, Trainer } from "../../src/train/trainer.ts";
import type { Values } from "../../src/train/values.ts";
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

function copyOf(values: Values): Values {
  return new Map([...values].map(([path, data]) => [path, data.slice()]));
}

it("is tried with every method of the list", () => {
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

  it("trains on seven at a time, and all that it goes by is among its values", async () => {
    const trainer = await trainerOf(method, 7);
    await train(trainer, 0, 1);
    const before = copyOf(trainer.values);
    const losses = lossesOf(await train(trainer, 1, 4));
    const after = copyOf(trainer.values);
    for (const [path, data] of before) trainer.values.get(path)!.set(data);
    expect(lossesOf(await train(trainer, 1, 4))).toEqual(losses);
    expect(trainer.values).toEqual(after);
    await trainer.release();
  });
});
