import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyBytes, damaged, damagedJson, valueOrOurs } from "../../../test/support/damaged.ts";
import { TINY_DINO, TINY_SIMCLR, tinyConfig } from "../../../test/support/tiny-run.ts";
import type { EpochRecord } from "../epoch-record.ts";
import { Trainer } from "../trainer.ts";
import {
  appendMetrics,
  loadRun,
  readMetrics,
  readRunConfig,
  removePartials,
  removeRun,
  rewindMetrics,
  runPaths,
} from "./run-folder.ts";
import { requireIdle } from "./run-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-run-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const record = (epoch: number, more: Partial<EpochRecord> = {}): EpochRecord => ({
  type: "epoch",
  epoch,
  step: 3 * epoch,
  loss: 1.5,
  collapsedLoss: null,
  learningRate: 0.1,
  metrics: { gradient_norm: 2, accuracy: 0.5 },
  picturesPerSecond: 10,
  seconds: epoch,
  knn: { accuracy: 0.5, k: 20, temperature: 0.07, pictures: 24 },
  health: { deviation: 0.1, idealDeviation: 0.2, rankMe: 4 },
  warning: null,
  ...more,
});

const CONFIGS = {
  SimCLR: tinyConfig(TINY_SIMCLR),
  DINO: { ...tinyConfig(TINY_DINO), history: [{ step: 3, changes: [{ name: "epochs", from: 2, to: 3 }] }] },
};

describe("the configuration of a run", () => {
  const write = (content: string | Uint8Array) => writeFile(runPaths(folder).config, content);

  it.each(Object.entries(CONFIGS))("of %s comes back as it was", async (_, config) => {
    await write(JSON.stringify(config));
    expect(await readRunConfig(folder)).toEqual(config);
  });

  it.each(Object.entries(CONFIGS))(
    "of %s that is damaged is refused, or can be made a step of or refused as one",
    async (_, config) => {
      const seen = new Set<string>([JSON.stringify(config)]);
      const property = fc.asyncProperty(anyBytes(damagedJson(config)), async (bytes) => {
        await write(bytes);
        const read = await valueOrOurs(() => readRunConfig(folder));
        const text = JSON.stringify(read);
        // A step is built for each configuration once. Even the smallest is refused without memory.
        if (read === null || seen.size > 12 || seen.has(text)) return;
        seen.add(text);
        expect(await valueOrOurs(() => Trainer.create(read, { threads: 1, memory: 0 }))).toBeNull();
      });
      await fc.assert(property, { numRuns: 400 });
      expect(seen.size).toBeGreaterThan(3);
    },
  );

  it("of any JSON is refused", async () => {
    const property = fc.asyncProperty(fc.json(), async (text) => {
      await write(text);
      expect(await valueOrOurs(() => readRunConfig(folder))).toBeNull();
    });
    await fc.assert(property);
  });

  const { SimCLR, DINO } = CONFIGS;
  it.each<[string, object, RegExp]>([
    [
      "a method there is not",
      { ...SimCLR, method: { name: "x", settings: {} } },
      /config\.json, method\.name/,
    ],
    [
      "a setting of another kind",
      { ...SimCLR, method: { name: "simclr", settings: { ...SimCLR.method.settings, temperature: "warm" } } },
      /config\.json, method\.settings\.temperature/,
    ],
    [
      "crops beyond counting",
      { ...DINO, method: { name: "dino", settings: { ...DINO.method.settings, localCrops: 1e9 } } },
      /method\.settings\.localCrops/,
    ],
    [
      "layers beyond counting",
      { ...DINO, backbone: { ...DINO.backbone, settings: { ...DINO.backbone.settings, depth: 1e9 } } },
      /backbone\.settings\.depth/,
    ],
    [
      "the depth of another network",
      { ...SimCLR, backbone: { ...SimCLR.backbone, settings: { ...SimCLR.backbone.settings, depth: 50 } } },
      /backbone\.settings\.depth/,
    ],
    [
      "a backbone there is not",
      { ...SimCLR, backbone: { name: "x", settings: {} } },
      /config\.json, backbone/,
    ],
    ["a batch of more than all pictures", { ...SimCLR, batchSize: 1e15, microBatch: 1e15 }, /batchSize/],
    ["parts that do not make a batch", { ...SimCLR, microBatch: 3 }, /microBatch/],
    ["a picture as large as a house", { ...SimCLR, imageSize: 1e6 }, /imageSize/],
  ])("with %s is refused by the name of the entry", async (_, config, message) => {
    await write(JSON.stringify(config));
    await expect(readRunConfig(folder)).rejects.toMatchObject({
      code: "train/run-folder",
      message: expect.stringMatching(message),
    });
  });

  it("whose place a folder has is refused with the reason", async () => {
    await mkdir(runPaths(folder).config);
    await expect(readRunConfig(folder)).rejects.toThrow(/a folder, not a file/);
    await expect(loadRun(folder, () => {})).rejects.toMatchObject({ code: "train/run-folder" });
  });
});

describe("the metrics of a run", () => {
  const { metrics } = { metrics: () => runPaths(folder).metrics };

  it("come back as they were, what is no number too", async () => {
    const records = [record(1), record(2, { knn: null, health: null, metrics: { kl: Number.NaN } })];
    for (const one of records) await appendMetrics(folder, one);
    expect(await readMetrics(folder)).toEqual(records);
  });

  it("of any bytes are the lines that are whole, and stay so when they are taken back", async () => {
    const lines = [1, 2, 3].map((epoch) => `${JSON.stringify(record(epoch))}\n`);
    const file = new TextEncoder().encode(lines.join(""));
    const changed = damagedJson(record(2)).map((line) =>
      Buffer.concat([Buffer.from(lines[0]!), line, Buffer.from(`\n${lines[2]}`)]),
    );
    const property = fc.asyncProperty(anyBytes(damaged(file), changed), async (bytes) => {
      await writeFile(metrics(), bytes);
      const kept = await rewindMetrics(folder, 6);
      for (const { step, loss, seconds, metrics: means } of kept) {
        expect(step).toBeLessThanOrEqual(6);
        expect([loss, seconds, ...Object.values(means)].every((value) => typeof value === "number")).toBe(
          true,
        );
      }
      expect(await readMetrics(folder)).toEqual(kept);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("lose the damaged line alone", async () => {
    const text = [record(1), { ...record(2), loss: "low" }, null, 7, record(3)]
      .map((line) => JSON.stringify(line))
      .join("\n");
    await writeFile(metrics(), `${text}\n{"type":"epoch","epo`);
    expect((await readMetrics(folder)).map(({ epoch }) => epoch)).toEqual([1, 3]);
  });

  it("that cannot be written are told of by their place", async () => {
    await mkdir(metrics());
    await expect(appendMetrics(folder, record(1))).rejects.toMatchObject({ code: "export/write" });
    expect(existsSync(metrics())).toBe(true);
  });
});

describe("the files of a run", () => {
  const [best, step] = ["checkpoints/best.safetensors", "checkpoints/step-00000003.safetensors"];
  const put = async (...names: string[]) => {
    await mkdir(join(folder, "checkpoints"), { recursive: true });
    for (const name of names) await writeFile(join(folder, name), "");
  };
  const left = async () =>
    [...(await readdir(folder)), ...(await readdir(join(folder, "checkpoints")))].sort();

  it("are removed where they are unfinished, and no others", async () => {
    await put("result.json.12.partial", `${best}.12.partial`, `${step}.12.partial`);
    await put("mine.json.12.partial", "checkpoints/mine.safetensors.12.partial", "result.json", best, step);
    await removePartials(folder);
    expect(await left()).toEqual([
      ...["best.safetensors", "checkpoints", "mine.json.12.partial", "mine.safetensors.12.partial"],
      ...["result.json", "step-00000003.safetensors"],
    ]);
  });

  it("are removed with the run, its best weights included, and no others", async () => {
    await put("config.json", "result.json", "mine.json", best, step, "checkpoints/mine.safetensors");
    await removeRun(folder);
    expect(await left()).toEqual(["checkpoints", "mine.json", "mine.safetensors"]);
  });
});

it("the file that holds a run has any contents without harm", async () => {
  const running = join(folder, "running");
  const numbers = fc.array(fc.oneof(fc.string(), fc.nat().map(String)), { minLength: 5, maxLength: 5 });
  const contents = fc.oneof(
    anyBytes(),
    numbers.map((parts) => new TextEncoder().encode(parts.join("."))),
  );
  const property = fc.asyncProperty(contents, async (bytes) => {
    await writeFile(running, bytes);
    await valueOrOurs(() => requireIdle(folder));
    expect((await readFile(running)).equals(bytes)).toBe(true);
  });
  await fc.assert(property);
});
