/** The events that a job reports while it works. */

import type { EpochRecord } from "../train/epoch-record.ts";

export type { EpochRecord } from "../train/epoch-record.ts";

export type Progress =
  | { type: "cache"; done: number; total: number }
  | { type: "features"; done: number; total: number }
  | {
      type: "step";
      epoch: number;
      epochs: number;
      /** Steps finished in this epoch, and in total. */
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
  /** A note for the user. Options are named between backticks, as in errors. */
  | { type: "note"; message: string }
  /** The work that will be done, and how long it takes. */
  | { type: "plan"; message: string };

export type OnProgress = (event: Progress) => void;
