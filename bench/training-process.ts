/**
 * Real training runs, each in a separate process, so memory that one run leaves does not count for the next.
 */

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { PretrainOptions } from "afterimage";
import type { EpochTimes } from "./epoch-clock.ts";
import { RUN_SOURCE } from "./run-source.ts";

/** The options that are passed as JSON. */
export type TrainingRequest = Omit<PretrainOptions, "onProgress" | "onEpoch" | "signal" | "pictures"> & {
  pictures: string;
};

export interface TrainingReport {
  epochs: EpochTimes[];
  /** The peak resident memory of the process. */
  peakBytes: number;
  /** Cores that other programs used during the run. */
  othersCores?: number;
}

const PROGRAM = fileURLToPath(new URL("./training-run.ts", import.meta.url));

/** Trains with these options. The error of a failure has the last lines of the process. */
export async function trainApart(request: TrainingRequest): Promise<TrainingReport> {
  const args = [...RUN_SOURCE, PROGRAM, JSON.stringify(request)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0) throw new Error(`a training run failed: ${complaint.trim().slice(-2_000)}`);
  return JSON.parse(out) as TrainingReport;
}
