import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  folder,
  interruptedAfter,
  options,
  sameBytes,
  timeless,
  useRunsFolder,
} from "../../test/support/tiny-pretrain.ts";
import { TINY_DINO_RESNET, TINY_SIMCLR } from "../../test/support/tiny-run.ts";
import type { Progress } from "../runs/progress.ts";
import { readMetrics } from "../train/node/run-folder.ts";
import { pretrain } from "./pretrain.ts";

useRunsFolder();

describe("pretrain in a folder that has a run", () => {
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

  it("ends within an epoch where the epochs are a fraction, and goes on from there when given more", async () => {
    const fraction = await pretrain(options("run", { epochs: 1.3 }));
    expect(fraction).toMatchObject({ interrupted: false, steps: 4 });
    expect(fraction.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(fraction.epochs[1]!.knn).not.toBeNull();
    expect(fraction.encoder).not.toBeNull();
    const more = await pretrain(options("run", { epochs: 2, resume: true }));
    expect(more).toMatchObject({ interrupted: false, steps: 6 });
    expect(more.epochs.map(({ step }) => step)).toEqual([3, 4, 6]);
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

  it("takes another learning rate when it goes on, and keeps what was changed with the run", async () => {
    await interruptedAfter(2, options("run"));
    const training = { learningRate: 0.01 };
    const resumed = await pretrain(options("run", { training, resume: true }));
    const [change] = resumed.config.history![0]!.changes;
    expect(resumed.config).toMatchObject({ training, history: [{ step: 2 }] });
    expect(change).toMatchObject({ name: "training.learningRate", to: 0.01 });
    expect(resumed.notes).toEqual([
      expect.stringMatching(/^from step 2 on: training.learningRate .* → 0.01$/),
    ]);
    expect(JSON.parse(await readFile(join(resumed.run, "config.json"), "utf8"))).toEqual(resumed.config);
  });

  it("goes on after its end when it is given more epochs", async () => {
    await pretrain(options("run"));
    const more = await pretrain(options("run", { epochs: 4, resume: true }));
    expect(more).toMatchObject({ interrupted: false, steps: 12, config: { epochs: 4 } });
    expect(more.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(more.epochs[2]!.learningRate).toBeGreaterThan(more.epochs[1]!.learningRate);
    expect(more.notes).toEqual(["from step 6 on: epochs 2 → 4", expect.stringContaining("schedules follow")]);
  });

  it("keeps what it was computed with, and says when that is another machine", async () => {
    const first = await interruptedAfter(1, options("run", { threads: 2 }));
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    const environment = {
      threads: 2,
      provider: "cpu",
      afterimage: version,
      onnxruntime: expect.stringMatching(/^1\.\d+/),
    };
    expect(first.config.environment).toEqual(environment);
    const resumed = await pretrain(options("run", { threads: 1, resume: true }));
    expect(resumed.config.environment).toEqual({ ...environment, threads: 1 });
    expect(resumed.notes).toEqual([
      "from step 1 on: threads 2 → 1",
      expect.stringContaining("the last digits may differ"),
    ]);
  });

  describe("after it failed before its first checkpoint", () => {
    const right = { learningRate: 0.1 };
    beforeEach(async () => {
      const wrong = { training: { learningRate: 1e38 } };
      await expect(pretrain(options("run", wrong))).rejects.toMatchObject({ code: "train/not-finite" });
    }, 60_000);

    it("starts over with the corrected choices", async () => {
      const again = await pretrain(options("run", { training: right, batchSize: 12 }));
      expect(again).toMatchObject({ interrupted: false, config: { training: right, batchSize: 12 } });
      expect(again.notes).toEqual([
        expect.stringMatching(/^started over in .*: .* ended before its first checkpoint$/),
      ]);
      const config = JSON.parse(await readFile(join(again.run, "config.json"), "utf8"));
      expect(config).toEqual(again.config);
    });

    it("goes on with a lower learning rate, as the error says", async () => {
      const again = await pretrain(options("run", { training: right, resume: true }));
      expect(again).toMatchObject({ interrupted: false, config: { training: right } });
      expect(again.config.history).toMatchObject([{ step: 0 }]);
    });
  });

  it("starts over by force, and removes only what the run wrote", async () => {
    const first = await pretrain(options("run", { epochs: 3 }));
    await writeFile(join(first.run, "mine.txt"), "mine");
    const again = await pretrain(options("run", { epochs: 1, force: true }));
    expect(again).toMatchObject({ steps: 3, config: { epochs: 1 } });
    expect(again.notes).toEqual([expect.stringMatching(/^started over in .*: the earlier run was removed$/)]);
    expect(again.epochs).toHaveLength(1);
    expect(await readdir(join(first.run, "checkpoints"))).toEqual(["step-00000003.safetensors"]);
    expect(await readFile(join(first.run, "mine.txt"), "utf8")).toBe("mine");
    await expect(pretrain(options("run", { force: true, resume: true }))).rejects.toThrow(
      /both resumed and started over/,
    );
  });

  it("keeps the run that force is to replace when the new one cannot start", async () => {
    const first = await pretrain(options("run", { epochs: 1 }));
    await expect(pretrain(options("run", { force: true, batchSize: 99 }))).rejects.toThrow(/at most 24/);
    expect(await readMetrics(first.run)).toEqual(first.epochs);
  });

  it("leaves a folder alone in which a run is under way, resumed, forced or not", async () => {
    const refused: unknown[] = [];
    const onEpoch = async () => {
      for (const more of [{}, { resume: true }, { force: true }])
        await pretrain(options("run", more)).catch((error: unknown) => refused.push(error));
    };
    await pretrain(options("run", { epochs: 1, onEpoch }));
    const sentence = expect.stringContaining("another process is training in this folder");
    expect(refused).toEqual([1, 2, 3].map(() => expect.objectContaining({ message: sentence })));
    expect(await readdir(join(folder, "run"))).not.toContain("running");
    expect(await pretrain(options("run", { resume: true }))).toMatchObject({ interrupted: false });
  });
});
