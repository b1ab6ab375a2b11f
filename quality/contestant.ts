/**
 * Everything with a row in a table: a method, a baseline, a deliberate collapse, a peer. Each one computes
 * its own features.
 */
import type { EpochRecord } from "afterimage";
import type { Matrix } from "afterimage/data";
import type { Metric } from "afterimage/evaluate";
import type { PictureSet } from "./picture-set.ts";
import type { Family } from "./recipe.ts";

export const GROUPS = ["method", "baseline", "variant", "peer"] as const;
export type Group = (typeof GROUPS)[number];

export interface Contestant {
  /** Its name in `--methods` and in result files. */
  name: string;
  title: string;
  group: Group;
  /** The method of a variant or a peer; null for others. */
  of: string | null;
  /** The seeds of a set that it is run with; `none` if every seed would give the same. */
  seeds: "all" | "first" | "none";
  run(task: Task): Promise<Outcome>;
}

export interface Task {
  set: PictureSet;
  seed: number;
  /** Minutes of training. */
  minutes: number;
  threads: number;
  /** A fixed number of epochs in place of the minutes, for trials on a machine that others use. */
  epochs?: number;
  /** The duration of an epoch, if an earlier run has shown it. Otherwise a few steps are timed. */
  secondsPerEpoch?: number;
  /** A Python with torch and lightly; null for none. */
  python: string | null;
  log(line: string): void;
}

/** Features of both parts of the set, and the facts about their origin. */
export interface Outcome {
  train: Matrix;
  test: Matrix;
  /** Features of the edited copies of the test pictures. */
  copies: Matrix;
  metric: Metric;
  /** The family of the backbone; null for none. */
  family: Family | null;
  /** Everything that is needed to repeat the run. */
  settings: Readonly<Record<string, unknown>>;
  versions: Readonly<Record<string, string>>;
  /** Null if nothing is trained. */
  training: Training | null;
  /** Accuracy of the classifier that was trained with the backbone; null without one. */
  classifier: number | null;
}

export interface Look extends Pick<EpochRecord, "epoch" | "loss" | "knn" | "health" | "warning"> {
  /** The variation of the compared embeddings within a batch, by the method's own metrics. */
  spread?: Readonly<Record<string, number>>;
}

export interface Training {
  /** Minutes that were spent on steps. */
  minutes: number;
  epochs: number;
  picturesPerSecond: number;
  /** The loss's value at collapse, if the method knows it. */
  collapsedLoss: number | null;
  /** The value of each metric below which the compared embeddings have collapsed. */
  leastSpread?: Readonly<Record<string, number>>;
  /** The record of every epoch. A peer only has losses. */
  course: readonly Look[];
}
