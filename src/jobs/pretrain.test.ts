import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stopBeforeFirstStep } from "../../test/support/stop-before-first-step.ts";
import {
  folder,
  interruptedAfter,
  options,
  pictures,
  useRunsFolder,
} from "../../test/support/tiny-pretrain.ts";
import { TINY, TINY_DINO, TINY_SIMCLR, tinyPictures } from "../../test/support/tiny-run.ts";
import { memoryDataset } from "../data/memory-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { Progress } from "../runs/progress.ts";
import { readMetrics } from "../train/node/run-folder.ts";
import { type PretrainOptions, pretrain } from "./pretrain.ts";

useRunsFolder();

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
