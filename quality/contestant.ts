/**
 * Whatever has a row in a table: a method, a baseline, a deliberate collapse, a peer. Each says how its
 * features come to be.
 */
import type { EpochRecord } from "afterimage";
import type { Matrix } from "afterimage/data";
import type { Metric } from "afterimage/evaluate";
import type { PictureSet } from "./picture-set.ts";
import type { Family } from "./recipe.ts";

export const GROUPS = ["method", "baseline", "variant", "peer"] as const;
export type Group = (typeof GROUPS)[number];

export interface Contestant {
  /** What `--methods` and result files call it. */
  name: string;
  title: string;
  group: Group;
  /** The method that a variant or a peer is of, null for others. */
  of: string | null;
  /** Which of a set's seeds it is run with; none where another seed would give the same. */
  seeds: "all" | "first" | "none";
  run(task: Task): Promise<Outcome>;
}

export interface Task {
  set: PictureSet;
  seed: number;
  /** Of training. */
  minutes: number;
  threads: number;
  /** A fixed number of epochs in place of the minutes: for trials on a machine that others use. */
  epochs?: number;
  /** How long an epoch takes, where an earlier try has shown it; otherwise a few steps tell. */
  secondsPerEpoch?: number;
  /** A Python with torch and lightly, null for none. */
  python: string | null;
  log(line: string): void;
}

/** Features of both parts of the set, and how they came to be. */
export interface Outcome {
  train: Matrix;
  test: Matrix;
  /** Of the edited copies of the test pictures. */
  copies: Matrix;
  metric: Metric;
  /** Of its backbone, null for none. */
  family: Family | null;
  /** Everything needed to do it again. */
  settings: Readonly<Record<string, unknown>>;
  versions: Readonly<Record<string, string>>;
  /** Null where nothing is trained. */
  training: Training | null;
  /** Accuracy of the classifier that was trained with the backbone, null without one. */
  classifier: number | null;
}

export interface Look extends Pick<EpochRecord, "epoch" | "loss" | "knn" | "health" | "warning"> {
  /**
   * How far what the loss compares differs from picture to picture, by the metrics that the method has of it.
   */
  spread?: Readonly<Record<string, number>>;
}

export interface Training {
  /** Spent on steps. */
  minutes: number;
  epochs: number;
  picturesPerSecond: number;
  /** The loss's value at collapse, where the method knows it. */
  collapsedLoss: number | null;
  /** What each of these metrics is below when what the loss compares has collapsed. */
  leastSpread?: Readonly<Record<string, number>>;
  /** What the health of every epoch was; a peer tells its losses alone. */
  course: readonly Look[];
}
