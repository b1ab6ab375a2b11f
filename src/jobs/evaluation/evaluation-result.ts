/** The result of `evaluate`. */
import type { SkippedPicture } from "../../data/picture-dataset.ts";
import type { ClusterScores } from "../../evaluate/clusters/cluster-scores.ts";
import type { Metric } from "../../evaluate/score-graph.ts";
import type { Difference } from "../../evaluate/standard-error.ts";
import type { FewLabelsRow } from "../few-labels/few-labels-row.ts";

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

/** Scores of one representation; a protocol that was not asked for is absent. */
export interface Scores {
  knn?: Accuracy;
  /** The learning rate chosen for each fold; a single one if a share is held out. */
  linear?: Accuracy & { learningRates: readonly number[] };
  retrieval?: RetrievalScores & { standardErrors: RetrievalScores };
  /** Of the clusters of all pictures by k-means. */
  clusters?: ClusterScores;
  health: { deviation: number; rankMe: number };
}

/**
 * Scores without looking at the pictures: the most frequent class, retrieval in a random order, and clusters
 * of equal size by chance.
 */
export interface Chance {
  knn?: { accuracy: number };
  linear?: { accuracy: number };
  retrieval?: RetrievalScores;
  clusters?: ClusterScores;
}

export type Measure = "knn" | "linear" | keyof RetrievalScores;

/** The trained network's score compared with another one's on the same pictures. */
export interface Comparison extends Difference {
  measure: Measure;
  /** The other side of the comparison. */
  with: "pixels" | "untrained" | "chance";
}

export interface EvaluationProtocol {
  k: number;
  /** The number of neighbours that vote: fewer than k if there are not enough training pictures. */
  voters: number;
  temperature: number;
  /** The number of clusters of k-means; null if the protocol was not asked for. */
  clusters: number | null;
  /**
   * `splits`: the data set's own training and test split. `held-out`: a share of each class is tested, and
   * the rest is for training. `cross-validation`, for few pictures: every picture is tested; kNN learns from
   * all others, the linear probe from the other folds.
   */
  division: "splits" | "held-out" | "cross-validation";
  /** Null unless the division is `cross-validation`. */
  folds: number | null;
  /** Null unless the division is `held-out`. */
  testShare: number | null;
  /** The names of the splits; null unless the division is `splits`. */
  splits: { train: string; test: string } | null;
  seed: number;
  /** Number of pictures from which kNN learns for each tested one. */
  train: number;
  /**
   * Number of tested pictures. In cross-validation these are all except the only pictures of their classes.
   */
  test: number;
  pictures: number;
  /** Classes that have a picture. */
  classes: number;
  /** Optimiser steps of the encoder; null if it is not from a run. */
  step: number | null;
  /** Epochs of the run; null if the encoder is not from a run. */
  epochs: number | null;
  /** Height and width of the pictures for `pixels`. */
  pixelSide: number;
  /** The metrics by which kNN and retrieval find neighbours. */
  metrics: { pixels: Metric; untrained: Metric; trained: Metric };
}

export interface EvaluateResult {
  /** The run's folder, or "(in memory)". */
  run: string;
  data: string;
  /** Everything that the numbers depend on. */
  protocol: EvaluationProtocol;
  chance: Chance;
  pixels: Scores;
  untrained: Scores;
  trained: Scores;
  /**
   * For each measure, whether the network is better or worse, or the difference is within two standard
   * errors.
   */
  comparisons: readonly Comparison[];
  /** One entry for each amount of labels, if the protocol `semi` was asked for. */
  semi?: readonly FewLabelsRow[];
  /**
   * The number of pictures that equal an earlier one: in their pixels, and in the trained network's features.
   */
  duplicates: { pixels: number; features: number };
  skipped: number;
  /** The pictures that were skipped, with the reasons. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}
