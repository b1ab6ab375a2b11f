import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportEncoder } from "../../src/jobs/export-encoder.ts";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import type { Progress } from "../../src/runs/progress.ts";
import { TINY, TINY_DINO, TINY_SIMCLR, tinyPictures } from "../support/tiny-run.ts";
import { TWO_BLOCK_VIT } from "../support/two-block-vit.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-diverged-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = () => join(folder, "run");

const options = (choices: Choices, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...TINY,
  ...choices,
  pictures: tinyPictures(),
  out: run(),
  threads: 1,
  monitorEvery: 0,
  ...more,
});

const CONSTANT: Choices["training"] = {
  optimizer: "sgd",
  warmupEpochs: 0,
  decay: "steps",
  milestones: [],
  clip: null,
};
const atRate = (learningRate: number) => ({ ...CONSTANT, learningRate, finalLearningRate: learningRate });

/** An epoch has three steps, so this is one step. */
const ONE_STEP = 1 / 3;

describe("a run that diverges at its last step", () => {
  it.each<[string, Choices, RegExp]>([
    [
      "by an update that overflows",
      { ...TINY_SIMCLR, training: { ...atRate(3e38), weightDecay: 1e3, finalWeightDecay: 1e3 } },
      /the next value of \S+ is not finite \(step 1, learning rate 3\.00e\+38\); got (NaN|-?Infinity) at/,
    ],
    [
      "by finite weights with features that are not finite",
      { ...TINY_DINO, backbone: TWO_BLOCK_VIT, training: atRate(1e30) },
      /gives features that are not finite.* \(step 1, features of \S+\); got/,
    ],
  ])("fails %s, and leaves neither checkpoint nor encoder", async (_, choices, message) => {
    const error = await pretrain(options(choices, { epochs: ONE_STEP })).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "train/not-finite", isUsage: false });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/Lower the learning rate.* start again with `force`/);
    expect(existsSync(join(run(), "encoder.onnx"))).toBe(false);
    expect(existsSync(join(run(), "checkpoints"))).toBe(false);
    const again = { ...choices, training: atRate(0.01), epochs: ONE_STEP, force: true };
    expect((await pretrain(options(again, { force: true }))).encoder).not.toBeNull();
  });

  it("keeps the last good checkpoint, and says that it can resume from there", async () => {
    await pretrain(options(TINY_SIMCLR, { epochs: 1, training: atRate(0.01) }));
    const more = { epochs: 4 / 3, resume: true, training: { learningRate: 1e30, finalLearningRate: 1e30 } };
    await expect(pretrain(options(TINY_SIMCLR, more))).rejects.toThrow(
      "and continue from the checkpoint of step 3 with `resume`.",
    );
    expect(await readdir(join(run(), "checkpoints"))).toEqual(["step-00000003.safetensors"]);
    const rescue = { ...more, training: atRate(0.01) };
    const { steps, encoder } = await pretrain(options(TINY_SIMCLR, rescue));
    expect(steps).toBe(4);
    expect((await exportEncoder({ run: run(), out: join(folder, "e.onnx") })).step).toBe(4);
    expect(encoder).not.toBeNull();
  });

  it("fails in the same way if it is interrupted at that step", async () => {
    const stop = new AbortController();
    const onProgress = ({ type }: Progress) => {
      if (type === "step") stop.abort();
    };
    const interrupted = { training: atRate(1e30), signal: stop.signal, onProgress };
    await expect(pretrain(options(TINY_SIMCLR, interrupted))).rejects.toMatchObject({
      code: "train/not-finite",
    });
    expect(existsSync(join(run(), "checkpoints"))).toBe(false);
  });
});
