/**
 * Real training runs, each in a process of its own: what one leaves in memory is not counted as the next
 * one's.
 */

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { PretrainOptions } from "afterimage";
import type { EpochTimes } from "./epoch-clock.ts";
import { RUN_SOURCE } from "./run-source.ts";

/** What travels as JSON. */
export type TrainingRequest = Omit<PretrainOptions, "onProgress" | "onEpoch" | "signal" | "pictures"> & {
  pictures: string;
};

export interface TrainingReport {
  epochs: EpochTimes[];
  /** The most resident memory that the process has held. */
  peakBytes: number;
  /** Cores that other programs used meanwhile. */
  othersCores?: number;
}

const PROGRAM = fileURLToPath(new URL("./training-run.ts", import.meta.url));

/** Trains as asked, and fails with what the process said last. */
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
