/** What a job tells while it works. */

/** One line of `metrics.jsonl` at the end of an epoch. */
export interface EpochRecord {
  type: "epoch";
  /** Epochs done. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  /** Mean loss of the epoch. */
  loss: number;
  /** The loss's value at collapse, where the method knows it. */
  collapsedLoss: number | null;
  learningRate: number;
  /** Means over the epoch: `gradient_norm`, and what the method reports (SimCLR `accuracy`; DINO `teacher_entropy`, `kl`). */
  metrics: Readonly<Record<string, number>>;
  picturesPerSecond: number;
  /** Seconds of training so far, over all sittings. */
  seconds: number;
  /** Leave-one-out kNN accuracy on a sample with labels, null without labels. */
  knn: { accuracy: number; k: number; temperature: number; pictures: number } | null;
  /** Health of the features of a sample; null when this epoch was not looked at. */
  health: { deviation: number; idealDeviation: number; rankMe: number } | null;
  /** What is wrong, in a sentence, when it looks like collapse. */
  warning: string | null;
}

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
  | { type: "note"; message: string };

export type OnProgress = (event: Progress) => void;
