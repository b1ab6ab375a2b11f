/** What a job tells while it works. */

import type { EpochRecord } from "../train/epoch-record.ts";

export type { EpochRecord } from "../train/epoch-record.ts";

export type Progress =
  | { type: "cache"; done: number; total: number }
  | { type: "features"; done: number; total: number }
  | {
      type: "step";
      epoch: number;
      epochs: number;
      /** Steps done in this epoch, and in all. */
      stepInEpoch: number;
      stepsPerEpoch: number;
      step: number;
      steps: number;
      loss: number;
      learningRate: number;
      picturesPerSecond: number;
      secondsLeft: number;
    }
  | EpochRecord
  /** What a user should know; options are named between backticks, as in errors. */
  | { type: "note"; message: string }
  /** What is going to be done, and how long it takes. */
  | { type: "plan"; message: string };

export type OnProgress = (event: Progress) => void;
