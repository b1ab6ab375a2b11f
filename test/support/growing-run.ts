/** Runs that get more pictures: 16 at first, then all 24. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { subset } from "../../src/data/subset.ts";
import { type PretrainOptions, pretrain } from "../../src/jobs/pretrain.ts";
import type { Progress } from "../../src/runs/progress.ts";
import { type Checkpoint, checkpointNames, readCheckpoint } from "../../src/train/node/checkpoint.ts";
import { stopBeforeFirstStep } from "./stop-before-first-step.ts";
import { TINY, tinyPictures } from "./tiny-run.ts";

export const all = tinyPictures();
/** Places among all pictures of the first ones; 1, 4, 7, … are added later. */
export const FIRST = Array.from({ length: all.size }, (_, i) => i).filter((i) => i % 3 !== 1);
const first = subset(all, FIRST);
export const WIDTH = 8;

/** The folder of all runs of a file of tests. */
export let folder: string;

/** A file of tests calls this once. */
export function useGrowingRuns(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "afterimage-more-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
}

export const options = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
  ...{ ...TINY, batchSize: 4, method: "instdisc", settings: { projectionOut: WIDTH } },
  ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 } },
  ...{ pictures: first, out: join(folder, out), threads: 1, monitorEvery: 0, ...more },
});

/**
 * Trains and stops after this many steps of the session, as a signal would; 0 stops before the first step.
 */
export function stoppedAfter(steps: number, settings: PretrainOptions) {
  const stop = new AbortController();
  const signal = steps === 0 ? stopBeforeFirstStep() : stop.signal;
  let done = 0;
  const onProgress = (event: Progress) => {
    if (event.type === "step" && ++done === steps) stop.abort();
  };
  return pretrain({ ...settings, signal, onProgress });
}

export async function newest(out: string): Promise<Checkpoint> {
  const checkpoints = join(folder, out, "checkpoints");
  const [name] = await checkpointNames(checkpoints);
  return readCheckpoint(join(checkpoints, name!), null);
}

export const rowOf = (bank: Float32Array, place: number) => [
  ...bank.subarray(place * WIDTH, (place + 1) * WIDTH),
];
