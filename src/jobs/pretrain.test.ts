import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TINY, TINY_DINO, TINY_DINO_RESNET, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import { readMetrics } from "../train/node/run-folder.ts";
import { type PretrainOptions, pretrain } from "./pretrain.ts";
import type { EpochRecord, Progress } from "./progress.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-pretrain-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pictures = tinyPictures();
const options = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...TINY,
  ...TINY_SIMCLR,
  pictures,
  out: join(folder, out),
  threads: 1,
  ...more,
});

/** Trains and stops after so many steps, as a signal would. */
async function interruptedAfter(steps: number, settings: PretrainOptions) {
  const stop = new AbortController();
  const onProgress = (event: Progress) => {
    if (event.type === "step" && event.step === steps) stop.abort();
  };
  return pretrain({ ...settings, signal: stop.signal, onProgress });
}

/** Records without what differs between two runs of the same. */
function timeless(epochs: readonly EpochRecord[]) {
  return epochs.map(({ seconds: _, picturesPerSecond: __, ...rest }) => rest);
}

async function sameBytes(a: string, b: string): Promise<boolean> {
  return (await readFile(a)).equals(await readFile(b));
}

describe("pretrain", () => {
  it("leaves a run folder with configuration, metrics, checkpoint and encoder", async () => {
    const result = await pretrain(options("run"));
    expect(result).toMatchObject({ interrupted: false, steps: 6, skipped: 0 });
    const config = JSON.parse(await readFile(join(result.run, "config.json"), "utf8"));
    expect(config).toEqual(result.config);
    expect(await readMetrics(result.run)).toEqual(result.epochs);
    expect(result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(result.epochs[0]!.knn).toMatchObject({ k: 20, pictures: 24 });
    expect(result.epochs[0]!.collapsedLoss).toBeCloseTo(Math.log(15));
    expect((await readFile(result.encoder!)).length).toBeGreaterThan(1000);
  });

  it.each([
    ["SimCLR in the middle of an epoch", TINY_SIMCLR, 2],
    ["SimCLR at the end of an epoch", TINY_SIMCLR, 3],
    ["DINO in the middle of the second epoch", TINY_DINO_RESNET, 4],
  ])("gives the same bits whether interrupted or not: %s", async (_name, choices, steps) => {
    const whole = await pretrain(options("whole", choices));
    const first = await interruptedAfter(steps, options("parts", choices));
    expect(first).toMatchObject({ interrupted: true, steps, encoder: null });
    const second = await pretrain(options("parts", { ...choices, resume: true }));
    expect(await sameBytes(second.encoder!, whole.encoder!)).toBe(true);
    expect(timeless(second.epochs)).toEqual(timeless(whole.epochs));
    expect(await readMetrics(second.run)).toEqual(second.epochs);
    expect(second.seconds).toBeGreaterThan(first.seconds);
    const name = "checkpoints/step-00000006.safetensors";
    expect(await sameBytes(join(second.run, name), join(whole.run, name))).toBe(true);
  });

  it("keeps one record an epoch when it was killed after the last checkpoint", async () => {
    const settings = { epochs: 4, checkpointEvery: 2, monitorEvery: 0 };
    const whole = await pretrain(options("whole", settings));
    const onEpoch = async ({ epoch }: { epoch: number }) => {
      if (epoch === 3) throw new Error("killed");
    };
    await expect(pretrain(options("parts", { ...settings, onEpoch }))).rejects.toThrow("killed");
    const metrics = join(folder, "parts/metrics.jsonl");
    await appendFile(metrics, '{"type":"epoch","ep');
    const resumed = await pretrain(options("parts", { ...settings, resume: true }));
    expect(timeless(resumed.epochs)).toEqual(timeless(whole.epochs));
    expect((await readFile(metrics, "utf8")).trimEnd().split("\n")).toHaveLength(4);
    expect(await readMetrics(resumed.run)).toEqual(resumed.epochs);
  });

  it("writes a checkpoint when it is told to stop after an epoch that has none", async () => {
    const stop = new AbortController();
    const onEpoch = async () => stop.abort();
    const settings = { checkpointEvery: 9, signal: stop.signal, onEpoch };
    expect(await pretrain(options("run", settings))).toMatchObject({ interrupted: true, steps: 3 });
    expect(await readdir(join(folder, "run/checkpoints"))).toEqual(["step-00000003.safetensors"]);
  });

  it("goes on from the checkpoint before when the newest is cut short", async () => {
    const whole = await pretrain(options("whole"));
    const damaged = await interruptedAfter(4, options("damaged"));
    const newest = join(damaged.run, "checkpoints/step-00000004.safetensors");
    await writeFile(newest, (await readFile(newest)).subarray(0, 1000));
    const notes: string[] = [];
    const onProgress = (event: Progress) => event.type === "note" && notes.push(event.message);
    const resumed = await pretrain(options("damaged", { resume: true, onProgress }));
    expect(notes.join()).toContain("step-00000004");
    expect(await sameBytes(resumed.encoder!, whole.encoder!)).toBe(true);
  });

  it("refuses a folder that has a run, and resuming where there is none", async () => {
    await pretrain(options("run", { epochs: 1 }));
    await expect(pretrain(options("run"))).rejects.toMatchObject({ code: "train/run-folder" });
    await expect(pretrain(options("none", { resume: true }))).rejects.toMatchObject({
      code: "train/run-folder",
    });
  });

  it("refuses to resume on other pictures", async () => {
    await interruptedAfter(1, options("run"));
    const others = { pictures: tinyPictures(32), resume: true };
    await expect(pretrain(options("run", others))).rejects.toThrow(/24 pictures.*32 pictures/);
  });

  it("refuses to resume with another choice, and takes the same one said again", async () => {
    await interruptedAfter(1, options("run"));
    await expect(pretrain(options("run", { resume: true, epochs: 9 }))).rejects.toThrow(/epochs 2; got 9/);
    await expect(pretrain(options("run", { resume: true, training: { clip: 1 } }))).rejects.toThrow(
      /training.clip/,
    );
    expect(await pretrain(options("run", { resume: true }))).toMatchObject({ interrupted: false });
  });

  it.each([
    ["a patch size for a ResNet", { backboneOptions: { patch: 4 } }, /option patch/],
    ["a batch larger than the data set", { batchSize: 32 }, /at most 24/],
    ["an unknown method", { method: "simclear" }, /one of simclr, dino/],
    ["an unknown backbone", { backbone: "resnet19" }, /resnet18/],
    [
      "a patch that does not divide the picture",
      { ...TINY_DINO, backboneOptions: { patch: 5 } },
      /divisor of the image size 16/,
    ],
    ["an unknown setting", { settings: { temprature: 1 } }, /temperature/],
    ["no epochs", { epochs: 0 }, /--epochs/],
    ["parts of a batch for a loss that couples it", { accumulate: 2 }, /--accumulate/],
  ])("refuses %s in a sentence", async (_name, choices, message) => {
    await expect(pretrain(options("run", choices as Partial<PretrainOptions>))).rejects.toThrow(message);
  });
});
