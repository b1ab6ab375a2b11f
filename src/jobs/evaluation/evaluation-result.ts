/** What `evaluate` gives. */
import type { SkippedPicture } from "../../data/picture-dataset.ts";
import type { Metric } from "../../evaluate/score-graph.ts";
import type { Difference } from "../../evaluate/standard-error.ts";

export interface Accuracy {
  accuracy: number;
  /** See {@link standardError}. */
  standardError: number;
}

export interface RetrievalScores {
  recallAt1: number;
  recallAt5: number;
  meanAveragePrecision: number;
}

/** One representation's scores; a protocol that was not asked for is absent. */
export interface Scores {
  knn?: Accuracy;
  /** The learning rate chosen for each fold; one where a share is held out. */
  linear?: Accuracy & { learningRates: readonly number[] };
  retrieval?: RetrievalScores & { standardErrors: RetrievalScores };
  health: { deviation: number; rankMe: number };
}

/**
 * What is reached without looking at the pictures: the most frequent class, and retrieval in a random order.
 */
export interface Chance {
  knn?: { accuracy: number };
  linear?: { accuracy: number };
  retrieval?: RetrievalScores;
}

export type Measure = "knn" | "linear" | keyof RetrievalScores;

/** The trained network's score beside another one's on the same pictures. */
export interface Comparison extends Difference {
  measure: Measure;
  /** What the trained network is compared with. */
  with: "pixels" | "untrained" | "chance";
}

export interface EvaluationProtocol {
  k: number;
  /** Neighbours that really vote: fewer than k where there are not so many pictures to train on. */
  voters: number;
  temperature: number;
  /**
   * `splits`: the data set's own training and test split. `held-out`: a share of each class is tested, the
   * rest trained on. `cross-validation`, for few pictures: every picture is tested, in kNN by all others, in
   * the linear probe by those of the other folds.
   */
  division: "splits" | "held-out" | "cross-validation";
  /** Null unless the division is `cross-validation`. */
  folds: number | null;
  /** Null unless the division is `held-out`. */
  testShare: number | null;
  /** The names of the splits; null unless the division is `splits`. */
  splits: { train: string; test: string } | null;
  seed: number;
  /** Pictures that kNN has for each tested one. */
  train: number;
  /** Pictures that are tested. In cross-validation all but those that are alone in their class. */
  test: number;
  pictures: number;
  /** Classes that have a picture. */
  classes: number;
  /** Optimiser steps behind the encoder; null where it is no run's. */
  step: number | null;
  /** Epochs of the run; null where the encoder is no run's. */
  epochs: number | null;
  /** Height and width of the pictures that `pixels` are taken from. */
  pixelSide: number;
  /** What kNN and retrieval find neighbours by. */
  metrics: { pixels: Metric; untrained: Metric; trained: Metric };
}

export interface EvaluateResult {
  /** The run's folder, or "(in memory)". */
  run: string;
  data: string;
  /** All that the numbers depend on. */
  protocol: EvaluationProtocol;
  chance: Chance;
  pixels: Scores;
  untrained: Scores;
  trained: Scores;
  /** What is better, what worse, and where the difference is within two standard errors. */
  comparisons: readonly Comparison[];
  /**
   * How many pictures are equal to one before them: in their pixels, and in the trained network's features.
   */
  duplicates: { pixels: number; features: number };
  skipped: number;
  /** Which, and why. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}
