import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopBeforeFirstStep } from "../../test/support/stop-before-first-step.ts";
import { TINY, TINY_DINO, TINY_DINO_RESNET, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import { memoryDataset } from "../data/memory-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { EpochRecord, Progress } from "../runs/progress.ts";
import { readMetrics } from "../train/node/run-folder.ts";
import { type PretrainOptions, pretrain } from "./pretrain.ts";

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

/** Trains and stops after this many steps, as a signal would. */
async function interruptedAfter(steps: number, settings: PretrainOptions) {
  const stop = new AbortController();
  const onProgress = (event: Progress) => {
    if (event.type === "step" && event.step === steps) stop.abort();
  };
  return pretrain({ ...settings, signal: stop.signal, onProgress });
}

/** Records without the entries that differ between two equal runs. */
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

  it("takes an open data set with its own canvas, from the image size on", async () => {
    const { canvas: _, ...rest } = options("own", { pictures: tinyPictures(24, 16), epochs: 1 });
    const { config } = await pretrain(rest);
    expect(config.canvas).toBe(16);
    const other = { ...rest, pictures: tinyPictures(24, 20), resume: true };
    await expect(pretrain(other)).rejects.toThrow("expected `canvas` 16; got 20");
  });

  it.each([
    ["smaller than the image size", {}, tinyPictures(24, 12), "at least the image size, 16; got 12"],
    ["other than asked for", { canvas: 24 }, tinyPictures(24, 20), "24, the canvas in the options; got 20"],
  ])(
    "refuses an open data set whose canvas is %s, before anything is written",
    async (_, canvas, set, why) => {
      const { canvas: __, ...rest } = options("none", { pictures: set });
      await expect(pretrain({ ...rest, ...canvas })).rejects.toThrow(why);
      await expect(readdir(join(folder, "none"))).rejects.toThrow("ENOENT");
    },
  );

  it("warns where the outputs that a loss compares are alike, from the second epoch on", async () => {
    const flat = { ...TINY_DINO.settings, teacherTemperature: 100, teacherTemperatureStart: 100 };
    const { epochs } = await pretrain(options("flat", { ...TINY_DINO_RESNET, settings: flat }));
    expect(epochs[0]!.warning).toBeNull();
    expect(epochs[1]!.warning).toMatch(/^After 2 epochs .*\(teacher_information .*, below 0\.001\)/);
  });

  it.each([
    [1, null],
    [9, expect.stringMatching(/one direction \(effective rank 1\.\d\d\): this is collapse/)],
  ])(
    "judges features of a low rank by that of the epoch before, here %d, which may be of another sitting",
    async (before, warning) => {
      // Half of the pictures black, half white: two different features, so that their rank is between 1 and
      // 2.
      const data = Uint8Array.from({ length: 24 * 3 * 24 * 24 }, (_, i) => (i < 12 * 3 * 24 * 24 ? 0 : 255));
      const choices = { pictures: memoryDataset({ canvas: TINY.canvas, pictures: data }), epochs: 3 };
      const { run, epochs: two } = await interruptedAfter(6, options("run", choices));
      const lines = two.map((epoch) => {
        const health = { ...epoch.health, rankMe: before };
        return `${JSON.stringify({ ...epoch, health })}\n`;
      });
      await writeFile(join(run, "metrics.jsonl"), lines.join(""));
      const { epochs } = await pretrain(options("run", { ...choices, resume: true }));
      expect(epochs[2]!.warning).toEqual(warning);
    },
  );

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

  it("writes a checkpoint when it is told to stop after an epoch that has none", async () => {
    const stop = new AbortController();
    const onEpoch = async () => stop.abort();
    const settings = { checkpointEvery: 9, signal: stop.signal, onEpoch };
    expect(await pretrain(options("run", settings))).toMatchObject({ interrupted: true, steps: 3 });
    expect(await readdir(join(folder, "run/checkpoints"))).toEqual(["step-00000003.safetensors"]);
  });

  it("says at its start what was chosen and what follows from its length, beside its result", async () => {
    const plans: string[] = [];
    const onProgress = (event: Progress) => event.type === "plan" && plans.push(event.message);
    const result = await pretrain(options("run", { onProgress }));
    expect(plans).toEqual([
      expect.stringMatching(/^24 pictures: resnet18 at 0\.06 of its width, 16 pixels, 2 epochs$/),
      "short run (6 steps): AdamW; from 20,000 steps on it is LARS",
      expect.stringMatching(/^training views have 12 pixels, the encoder sees pictures at 16/),
    ]);
    expect(result.notes).toEqual([]);
  });

  it("says of a size why it was chosen, and nothing of one that the user chose", async () => {
    const first = async (out: string, more: Partial<PretrainOptions>) => {
      const plans: string[] = [];
      const onProgress = (event: Progress) => event.type === "plan" && plans.push(event.message);
      const stop = stopBeforeFirstStep();
      await pretrain({
        ...TINY,
        ...TINY_SIMCLR,
        ...more,
        pictures,
        threads: 1,
        out: join(folder, out),
        onProgress,
        signal: stop,
      });
      return plans[0];
    };
    const { widthMultiplier } = TINY_SIMCLR.backboneOptions!;
    expect(await first("all", { backboneOptions: { widthMultiplier: widthMultiplier! } })).toMatch(
      /2 epochs$/,
    );
    expect(await first("open", { backboneOptions: {} })).toMatch(
      /\(what was not chosen follows from the number and size/,
    );
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

  it("refuses pictures that the method cannot learn from, before anything is written", async () => {
    const canvas = TINY.canvas;
    const grey = memoryDataset({ canvas, pictures: new Uint8Array(24 * 3 * canvas ** 2).fill(90) });
    const settings = { projectionOut: 8 };
    const run = options("grey", { method: "cmc", settings, pictures: grey });
    await expect(pretrain(run)).rejects.toThrow(/cmc learns from colours, and the pictures are grey/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses to resume on other pictures", async () => {
    await interruptedAfter(1, options("run"));
    const others = { pictures: tinyPictures(32), resume: true };
    await expect(pretrain(options("run", others))).rejects.toThrow(/24 pictures.*32 pictures, 8 of them new/);
  });

  it("refuses to resume with another choice, and takes the same one said again", async () => {
    await interruptedAfter(1, options("run"));
    const resumed = (choices: Partial<PretrainOptions>) =>
      pretrain(options("run", { ...choices, resume: true }));
    const width = (widthMultiplier: number) => ({ backboneOptions: { widthMultiplier } });
    await expect(resumed({ seed: 9 })).rejects.toThrow(/`seed` 3; got 9/);
    await expect(resumed({ epochs: 1 })).rejects.toThrow(/`epochs` 2 or more; got 1/);
    await expect(resumed(width(1 / 8))).rejects.toThrow(/`widthMultiplier` 0.0625; got 0.125/);
    await expect(resumed({ backboneOptions: { stem: "imagenet" } })).rejects.toThrow(/`stem` "cifar"/);
    await expect(resumed({ backboneOptions: { patch: 4 } })).rejects.toThrow(/expected no `patch`; got 4/);
    await expect(resumed({ backboneOptions: { dropPath: 0.2 } })).rejects.toThrow(/no `dropPath`/);
    await expect(resumed({ settings: { temperature: 9 } })).rejects.toThrow(
      /`settings.temperature` 0.1; got 9/,
    );
    await expect(resumed({ training: { optimizer: "lars" } })).rejects.toThrow(
      /`training.optimizer` "adamw"/,
    );
    // A width that gives the same four channels.
    expect(await resumed(width(0.06))).toMatchObject({ interrupted: false });
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

  it("does not take a stranger's config.json for a run, nor checkpoints without one", async () => {
    await mkdir(join(folder, "model"));
    await writeFile(join(folder, "model/config.json"), '{"architectures": []}');
    await expect(pretrain(options("model", { force: true }))).rejects.toThrow(
      /not the configuration of a run/,
    );
    const { run } = await pretrain(options("run", { epochs: 1 }));
    await rm(join(run, "config.json"));
    await expect(pretrain(options("run"))).rejects.toThrow(/but no config\.json/);
  });

  it.each([
    [
      "a patch size for a ResNet",
      { backboneOptions: { patch: 4 } },
      /resnet18 has no such option \(`patch`\)/,
    ],
    ["a batch larger than the data set", { batchSize: 32 }, /at most 24/],
    ["an unknown method", { method: "simclear" }, /one of .*simclr.*dino/],
    ["an unknown backbone", { backbone: "resnet19" }, /resnet18/],
    [
      "a patch that does not divide the picture",
      { ...TINY_DINO, backboneOptions: { patch: 5 } },
      /divisor of the image size 16/,
    ],
    [
      "local crops that patches do not fill",
      { ...TINY_DINO, settings: { ...TINY_DINO.settings, localSize: 12 } },
      /size of a view is not a multiple of the patch.*local-1.*multiple of 8 pixels.*12/,
    ],
    ["an unknown setting", { settings: { temprature: 1 } }, /"temprature".*Did you mean temperature\?/],
    ["no epochs", { epochs: 0 }, /pretrain\(\{ epochs \}\)/],
    ["a micro-batch that does not divide the batch", { microBatch: 3 }, /`microBatch`/],
    ["no pictures", { pictures: undefined }, /needed is missing \(pretrain\(\{ pictures \}\)\)/],
    ["an unknown option", { epoch: 3 }, /no option "epoch".*Did you mean epochs\?/],
    ["no threads", { threads: 0 }, /pretrain\(\{ threads \}\)\); expected a whole number, 1 or more; got 0/],
    ["a negative seed", { seed: -1 }, /expected a whole number, 0 or more; got -1/],
    [
      "a drop path of everything",
      { backboneOptions: { dropPath: 2 } },
      /a number 0 or more and below 1; got 2/,
    ],
    ["an unknown backbone option", { backboneOptions: { with: 1 } }, /no option "with"/],
  ])("refuses %s in a sentence", async (_name, choices, message) => {
    const refused = pretrain(options("run", choices as Partial<PretrainOptions>));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(AfterimageError);
  });

  it("finds wrong choices before it looks for pictures", async () => {
    const choices = { pictures: join(folder, "none"), training: { learningRate: -1 } };
    await expect(pretrain(options("run", choices))).rejects.toThrow(/training\.learningRate/);
  });
});
