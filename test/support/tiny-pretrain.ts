/** Tiny runs in a folder that is new for every test. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import type { EpochRecord, Progress } from "../../src/runs/progress.ts";
import { TINY, TINY_SIMCLR, tinyPictures } from "./tiny-run.ts";

/** The folder of the current test. */
export let folder: string;

/** A file of tests calls this once. */
export function useRunsFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "afterimage-pretrain-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
}

export const pictures = tinyPictures();

/** SimCLR for two epochs, in the run folder `out`. */
export const options = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...TINY,
  ...TINY_SIMCLR,
  pictures,
  out: join(folder, out),
  threads: 1,
  ...more,
});

/** Trains and stops after this many steps, as a signal would. */
export async function interruptedAfter(steps: number, settings: PretrainOptions) {
  const stop = new AbortController();
  const onProgress = (event: Progress) => {
    if (event.type === "step" && event.step === steps) stop.abort();
  };
  return pretrain({ ...settings, signal: stop.signal, onProgress });
}

/** Records without the entries that differ between two equal runs. */
export function timeless(epochs: readonly EpochRecord[]) {
  return epochs.map(({ seconds: _, picturesPerSecond: __, ...rest }) => rest);
}

export async function sameBytes(a: string, b: string): Promise<boolean> {
  return (await readFile(a)).equals(await readFile(b));
}
