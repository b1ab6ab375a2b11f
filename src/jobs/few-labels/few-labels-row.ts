/** The result of the semi-supervised protocol. */
import type { Headline } from "../../transfer/prediction-scores.ts";

/** What the ways to use the labels are called. */
export const WAYS = ["fineTuned", "scratch", "linear", "knn"] as const;
export type Way = (typeof WAYS)[number];

/** One amount of labels. */
export interface FewLabelsRow {
  amount: string;
  /** Labelled pictures that train. */
  pictures: number;
  epochs: number;
  /** Seconds of both trainings together. */
  seconds: number;
  /** Scores on the tested pictures; of equal measure. */
  scores: Readonly<Record<Way, Headline>>;
}
