/** Tiny fine-tunings by the job, in a folder that is new for every test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.ts";
import { finetune } from "../../src/jobs/finetune.ts";
import type { FinetuneOptions } from "../../src/jobs/finetune-options.ts";
import type { EncoderInMemory } from "../../src/jobs/given-encoder.ts";
import type { Progress } from "../../src/runs/progress.ts";
import { initialEncoderValues } from "../../src/train/values.ts";
import { tinyVit } from "./tiny-fine-tuning.ts";
import { TINY, tinyPictures } from "./tiny-run.ts";

/** The folder of the current test. */
export let folder: string;

/** A file of tests calls this once. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "afterimage-finetune-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
}

const { imageSize, canvas } = TINY;

/** A network with random weights, to begin with. */
export function encoderFrom(backbone: Backbone): EncoderInMemory {
  return { backbone, values: initialEncoderValues(backbone, { imageSize, seed: 1 }), imageSize, canvas };
}

const encoder = encoderFrom(tinyVit());

/** A vision transformer with random weights, on 40 pictures of which 10 are held out. */
export const options = (out: string, more: Partial<FinetuneOptions> = {}): FinetuneOptions => ({
  run: encoder,
  ...{ pictures: tinyPictures(40), validation: 0.25, baselines: false },
  ...{ out: join(folder, out), epochs: 3, batchSize: 8, threads: 1 },
  ...more,
});

/** Trains and stops after this many steps, as a signal would. */
export async function interruptedAfter(steps: number, asked: FinetuneOptions) {
  const stop = new AbortController();
  const onProgress = (event: Progress) => {
    if (event.type === "step" && event.step === steps) stop.abort();
  };
  return finetune({ ...asked, signal: stop.signal, onProgress });
}
