/** A fine-tuning that is interrupted and resumed is the uninterrupted one, bit for bit. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { tinyResnet } from "../../test/support/tiny-fine-tuning.ts";
import {
  encoderFrom,
  folder,
  interruptedAfter,
  options,
  useFolder,
} from "../../test/support/tiny-finetune-job.ts";
import { sameBytes, timeless } from "../../test/support/tiny-pretrain.ts";
import { tinyPictures } from "../../test/support/tiny-run.ts";
import { decodeSafetensors } from "../formats/safetensors.ts";
import type { Progress } from "../runs/progress.ts";
import { readMetrics } from "../train/node/run-folder.ts";
import { bestRecord } from "../transfer/early-stop.ts";
import { finetune } from "./finetune.ts";
import type { FinetuneOptions, FinetuneResult } from "./finetune-options.ts";
import { openClassifier } from "./open-classifier.ts";

useFolder();

const MIXED = { mixup: 0.8, cutmix: 1, erasing: 0.25, dropout: 0.1 };
/** A rate with which the score soon falls, to end early. */
const RISING = { learningRate: 0.02 };

const lastCheckpoint = async ({ run }: FinetuneResult) => {
  const names = (await readdir(join(run, "checkpoints"))).filter((name) => name.startsWith("step-"));
  return `checkpoints/${names.sort().at(-1)}`;
};

async function expectSame(a: FinetuneResult, b: FinetuneResult, more: string[] = []): Promise<void> {
  const name = await lastCheckpoint(a);
  expect(await lastCheckpoint(b)).toBe(name);
  for (const file of [name, "encoder.onnx", "result.json", "pictures.json", ...more])
    expect(await sameBytes(join(a.run, file), join(b.run, file)), file).toBe(true);
  expect(timeless(b.epochs)).toEqual(timeless(a.epochs));
  expect(b.scores).toEqual(a.scores);
}

const CASES: [string, number, Partial<FinetuneOptions>][] = [
  ["in the middle of the first epoch, with batch norm", 1, { run: encoderFrom(tinyResnet()) }],
  ["at the end of an epoch, with mixing", 3, { settings: MIXED }],
  ["in the middle of the second epoch, in parts", 5, { microBatch: 4, settings: MIXED, freeze: 1 }],
];

describe("finetune in a folder that has a run", () => {
  it.each(CASES)("gives the same bits whether interrupted or not: %s", async (_name, steps, more) => {
    const whole = await finetune(options("whole", more));
    expect(whole).toMatchObject({ interrupted: false, steps: 9, testedOn: "validation" });
    const first = await interruptedAfter(steps, options("parts", more));
    expect(first).toMatchObject({ interrupted: true, steps, encoder: null, scores: null });
    const second = await finetune(options("parts", { ...more, resume: true }));
    await expectSame(second, whole);
    expect(await readMetrics(second.run)).toEqual(second.epochs);
  });

  it.each([1, 4, 7])(
    "keeps the best weights across an interruption after step %s, and ends with them",
    async (steps) => {
      const more = { epochs: 12, patience: 2, training: RISING };
      const whole = await finetune(options("whole", more));
      // The run ends early, and not with its last weights: otherwise this would test nothing.
      expect(whole.steps).toBeLessThan(36);
      const best = bestRecord(whole.epochs)!;
      expect(best.step).toBeLessThan(whole.steps);
      expect(whole.notes.join()).toContain(`the weights after step ${best.step}`);
      await interruptedAfter(steps, options("parts", more));
      const second = await finetune(options("parts", { ...more, resume: true }));
      await expectSame(second, whole, ["checkpoints/best.safetensors"]);
    },
  );

  it.each(["from scratch", "with seed 1"])(
    "judges the same network when it was interrupted while training another one %s",
    async (text) => {
      const more = { epochs: 12, patience: 2, training: RISING, baselines: true, seeds: 2 };
      const whole = await finetune(options("whole", more));
      const stop = new AbortController();
      const onProgress = (event: Progress) => {
        if (event.type === "plan" && event.message.includes(text)) stop.abort();
      };
      const first = await finetune({ ...options("parts", more), signal: stop.signal, onProgress });
      expect(first).toMatchObject({ interrupted: true, steps: whole.steps, scores: null });
      const second = await finetune(options("parts", { ...more, resume: true }));
      await expectSame(second, whole);
      expect(second.baselines).toEqual(whole.baselines);
      expect(second.seeds).toEqual(whole.seeds);
    },
  );

  it("leaves the best weights in the state that predict reads, with their calibration", async () => {
    const result = await finetune(options("run", { epochs: 12, patience: 2, training: RISING }));
    const best = bestRecord(result.epochs)!;
    if (result.scores?.kind !== "classes") throw new Error("these are no classes");
    expect(result.scores.accuracy.value).toBeCloseTo(best.validation!.score, 9);
    const notes: string[] = [];
    const { step, familiar } = await openClassifier(result.run, (note) => notes.push(note));
    expect({ step, notes }).toEqual({ step: result.steps, notes: [] });
    expect(familiar).not.toBeNull();
    const same = { epochs: 12, patience: 2, training: RISING };
    const again = await finetune(options("run", { ...same, resume: true }));
    expect(again).toMatchObject({ steps: result.steps, scores: result.scores });
    await finetune(options("run", { epochs: 1, force: true }));
    expect(await readdir(join(result.run, "checkpoints"))).toEqual(["step-00000003.safetensors"]);
  });
});

/** Pictures as files, and a list of them with their labels in an order. */
async function writeList(name: string, order: readonly number[]): Promise<string> {
  const dataset = tinyPictures(order.length);
  const side = dataset.canvas;
  await mkdir(join(folder, "files"), { recursive: true });
  for (const place of order) {
    const planes = new Uint8Array(3 * side ** 2);
    await dataset.readBatch(Int32Array.of(place), planes);
    const pixels = Uint8Array.from(planes, (_, at) => planes[(at % 3) * side ** 2 + Math.floor(at / 3)]!);
    const raw = { width: side, height: side, channels: 3 as const };
    await sharp(pixels, { raw })
      .png()
      .toFile(join(folder, "files", `${place}.png`));
  }
  const rows = order.map((place) => `files/${place}.png,${["red", "green", "blue"][place % 3]}`);
  const path = join(folder, `${name}.csv`);
  await writeFile(path, ["path,label", ...rows, ""].join("\n"));
  return path;
}

/** The newest checkpoint's arrays. Its metadata has the pictures' fingerprint, which tells their order. */
async function arraysOf(result: FinetuneResult) {
  const bytes = await readFile(join(result.run, await lastCheckpoint(result)));
  return decodeSafetensors(bytes).arrays;
}

it("does not depend on the order of the rows in a list of labels", async () => {
  const places = Array.from({ length: 40 }, (_, i) => i);
  const moved = places.map((place) => (place * 7 + 3) % 40);
  const train = async (name: string, order: readonly number[]) => {
    const pictures = await writeList(name, order);
    const cacheDir = join(folder, `cache-${name}`);
    return finetune(options(`run-${name}`, { pictures, cacheDir, labels: "8-per-class", baselines: true }));
  };
  const [own, other] = [await train("own", places), await train("moved", moved)];
  expect(own.labelCounts).toEqual([8, 8, 8]);
  expect(await arraysOf(other)).toEqual(await arraysOf(own));
  for (const part of ["scores", "baselines", "labelCounts"] as const) expect(other[part]).toEqual(own[part]);
});
