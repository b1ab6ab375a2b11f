import { describe, expect, it } from "vitest";
import type { Observer } from "../runs/observer.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Values } from "../train/values.ts";
import { MemoryBest, patientObserver, useBest } from "./best-weights.ts";

const record = (epoch: number, score?: number): EpochRecord => ({
  ...{ type: "epoch", epoch, step: 3 * epoch, loss: 1, collapsedLoss: null, learningRate: 0.1 },
  ...{ metrics: {}, picturesPerSecond: 1, seconds: epoch, knn: null, health: null, warning: null },
  ...(score !== undefined && { validation: { name: "accuracy", score, loss: 1, pictures: 9 } }),
});

const valuesAt = (epoch: number): Values =>
  new Map([
    ["classifier.bias", Float32Array.of(-epoch)],
    ["teacher.classifier.bias", Float32Array.of(epoch)],
  ]);

/** Observes epochs with these scores, and gives the records. */
async function observe(observer: Observer, scores: readonly (number | undefined)[]): Promise<EpochRecord[]> {
  const records: EpochRecord[] = [];
  for (const [i, score] of scores.entries()) {
    const own = record(i + 1, score);
    const trainer = { values: valuesAt(i + 1) } as never;
    await observer.epoch?.({ trainer, record: own, before: records, due: score !== undefined });
    records.push(own);
  }
  return records;
}

describe("patientObserver", () => {
  it("keeps the average of the weights of the best epoch, of equal ones the first", async () => {
    const store = new MemoryBest();
    const records = await observe(patientObserver(9, store), [0.1, undefined, 0.5, 0.4, 0.5]);
    const best = await store.read();
    expect(best).toEqual({ step: 9, values: new Map([["classifier.bias", Float32Array.of(3)]]) });
    const trainer = { values: valuesAt(5) };
    expect(await useBest(trainer, store, records)).toBe(9);
    expect(trainer.values.get("teacher.classifier.bias")).toEqual(Float32Array.of(3));
    expect(trainer.values.get("classifier.bias")).toEqual(Float32Array.of(-5));
  });

  it("has enough when the score has not risen for so many measurements", async () => {
    const observer = patientObserver(2, new MemoryBest());
    const records = await observe(observer, [0.1, 0.5, 0.4, 0.5]);
    expect(observer.isEnough?.(records)).toBe(true);
    expect(observer.isEnough?.(records.slice(0, 3))).toBe(false);
  });
});

describe("useBest", () => {
  it("leaves the weights alone if the store has none, or those of another epoch than the best one", async () => {
    const trainer = { values: valuesAt(2) };
    const store = new MemoryBest();
    const records = [record(1, 0.5), record(2, 0.4)];
    expect(await useBest(trainer, store, records)).toBeNull();
    // As when a run was resumed from before the epoch.
    await store.write({ step: 9, values: new Map([["classifier.bias", Float32Array.of(3)]]) });
    expect(await useBest(trainer, store, records)).toBeNull();
    expect(trainer.values).toEqual(valuesAt(2));
  });
});

it("a store in memory keeps a copy, which later steps do not change", async () => {
  const store = new MemoryBest();
  const bias = Float32Array.of(1);
  await store.write({ step: 3, values: new Map([["classifier.bias", bias]]) });
  bias[0] = 2;
  expect((await store.read())!.values.get("classifier.bias")).toEqual(Float32Array.of(1));
});
