/** What a run that learned from labels gives, as a file in its folder. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { errorCode } from "../../data/node/fs-error.ts";
import { AfterimageError } from "../../errors.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";
import type { BaselineComparison } from "../../transfer/compare-baselines.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import type { PredictionScores } from "../../transfer/prediction-scores.ts";

/** The beginning of the file, by which it is recognised. */
export const RESULT_START = '{\n "format": "afterimage-result-1"';

export interface RunResult {
  /** Optimiser steps of the network that was tested. */
  step: number;
  task: LabelTask;
  /**
   * The tested part; null for a student whose pictures have no labels. On the validation part, scores are
   * slightly too good, because the temperature and perhaps the length of the run were chosen by it.
   */
  testedOn: "test" | "validation" | null;
  /**
   * The temperature that calibrates the probabilities; null for numbers, or without a validation part. A
   * student without one has that of its teacher.
   */
  temperature: number | null;
  /** Null if nothing was tested. */
  scores: PredictionScores | null;
  /** Empty if they were not wanted. */
  baselines: readonly BaselineComparison[];
}

/** Writes `result.json`. */
export async function writeResult(folder: string, result: RunResult): Promise<string> {
  const { result: path } = runPaths(folder);
  await writeFileWhole(path, `${JSON.stringify({ format: "afterimage-result-1", ...result }, null, 1)}\n`);
  return path;
}

/** What predictions need of a result. */
export interface KeptCalibration {
  step: number;
  temperature: number | null;
}

const calibration = z.object({
  format: z.literal("afterimage-result-1"),
  step: z.int().nonnegative(),
  temperature: z.number().positive().nullable(),
});

/**
 * The step and the temperature of `result.json`; null for a run without it.
 *
 * @throws AfterimageError `train/run-folder` for a file that cannot be understood.
 */
export async function readCalibration(folder: string): Promise<KeptCalibration | null> {
  const { result: path } = runPaths(folder);
  try {
    const { step, temperature } = calibration.parse(JSON.parse(await readFile(path, "utf8")));
    return { step, temperature };
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return null;
    throw new AfterimageError(
      "train/run-folder",
      {
        what: "the result of this run cannot be read",
        where: path,
        todo: "Remove the file: probabilities are then not calibrated.",
      },
      { cause },
    );
  }
}
