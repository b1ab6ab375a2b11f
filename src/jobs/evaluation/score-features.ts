/** Scores features by all protocols, for any representation. */

import { clusterScores } from "../../evaluate/clusters/cluster-scores.ts";
import { kMeans } from "../../evaluate/clusters/k-means.ts";
import { health } from "../../evaluate/health.ts";
import { knn } from "../../evaluate/knn.ts";
import { linearProbe } from "../../evaluate/linear-probe.ts";
import { pickRows } from "../../evaluate/pick-rows.ts";
import { labelledRetrieval, type RetrievalResult } from "../../evaluate/retrieval.ts";
import type { Metric } from "../../evaluate/score-graph.ts";
import { standardError } from "../../evaluate/standard-error.ts";
import type { Matrix } from "../../formats/matrix.ts";
import type { Protocol } from "../evaluate-options.ts";
import { type Division, splitsOf, testedRows } from "./divide-pictures.ts";
import type { Measure, Scores } from "./evaluation-result.ts";

export interface ScoringTask {
  labels: Int32Array;
  classes: number;
  division: Division;
  protocols: readonly Protocol[];
  k: number;
  temperature: number;
  /** The number of clusters of k-means; null if the protocol was not asked for. */
  clusters: number | null;
  seed: number;
  threads: number;
}

/** The score of each tested picture by a measure, from 0 to 1, in the order of the pictures. */
export type Outcomes = Partial<Record<Measure, Float64Array>>;

export interface Scored {
  scores: Scores;
  outcomes: Outcomes;
}

const RECALLS = [1, 5] as const;

/**
 * Starts of k-means. On 5,185 emoji (features of a ResNet-18 of half the width, nine clusters) accuracies of
 * five seeds lie between 29.3 and 33.8 % with 10 starts, and between 31.5 and 31.9 % with 40. These take 5
 * seconds of one core; the linear probe takes 2, and retrieval 3.
 */
export const CLUSTER_STARTS = 40;

export async function scoreFeatures(features: Matrix, metric: Metric, task: ScoringTask): Promise<Scored> {
  const { labels, protocols, clusters, seed, threads } = task;
  const { deviation, rankMe } = health(features);
  const scores: Scores = { health: { deviation, rankMe } };
  const outcomes: Outcomes = {};
  if (protocols.includes("knn")) {
    outcomes.knn = await askNeighbours(features, metric, task);
    scores.knn = accuracyOf(outcomes.knn);
  }
  if (protocols.includes("linear")) {
    const { correct, learningRates } = await probe(features, task);
    outcomes.linear = correct;
    scores.linear = { ...accuracyOf(correct), learningRates };
  }
  if (protocols.includes("retrieval")) {
    const found = await labelledRetrieval({ features, labels, ks: RECALLS, metric, threads });
    Object.assign(outcomes, retrievalOutcomes(found));
    scores.retrieval = { ...recallsOf(found), standardErrors: retrievalErrors(found) };
  }
  if (clusters !== null) {
    const found = await kMeans({ features, k: clusters, metric, seed, restarts: CLUSTER_STARTS, threads });
    scores.clusters = clusterScores(labels, found.clusters);
  }
  return { scores, outcomes };
}

/** The score of kNN on each tested picture. */
async function askNeighbours(features: Matrix, metric: Metric, task: ScoringTask): Promise<Float64Array> {
  const { labels, classes, division, k, temperature, threads } = task;
  const settings = { k, temperature, metric, classes, threads };
  if (division.kind === "cross-validation") {
    const own = { bank: features, bankLabels: labels, queries: features, queryLabels: labels };
    const { correct } = await knn({ ...own, ...settings, excludeSelf: true });
    return Float64Array.from(division.tested, (row) => correct.get(k)![row]!);
  }
  const { kept, held } = division.split;
  const { correct } = await knn({
    bank: pickRows(features, kept),
    bankLabels: pick(labels, kept),
    queries: pickRows(features, held),
    queryLabels: pick(labels, held),
    ...settings,
  });
  return correct.get(k)!;
}

/** The score of the linear probe on each tested picture, and the rate chosen in each fold. */
async function probe(features: Matrix, { labels, classes, division, seed, threads }: ScoringTask) {
  const right = new Float64Array(labels.length);
  const learningRates: number[] = [];
  for (const { kept, held } of splitsOf(division)) {
    const parts = { train: pickRows(features, kept), test: pickRows(features, held) };
    const known = { trainLabels: pick(labels, kept), testLabels: pick(labels, held) };
    const { predictions, learningRate } = await linearProbe({ ...parts, ...known, classes, seed, threads });
    learningRates.push(learningRate);
    for (const [at, row] of held.entries()) right[row] = predictions[at] === labels[row] ? 1 : 0;
  }
  return { correct: Float64Array.from(testedRows(division), (row) => right[row]!), learningRates };
}

function accuracyOf(correct: Float64Array) {
  const accuracy = correct.reduce((sum, share) => sum + share, 0) / correct.length;
  return { accuracy, standardError: standardError(correct) };
}

function retrievalOutcomes({ perQuery }: RetrievalResult) {
  return {
    recallAt1: perQuery.recall.get(1)!,
    recallAt5: perQuery.recall.get(5)!,
    meanAveragePrecision: perQuery.averagePrecision,
  };
}

function retrievalErrors(found: RetrievalResult) {
  const { recallAt1, recallAt5, meanAveragePrecision } = retrievalOutcomes(found);
  return {
    recallAt1: standardError(recallAt1),
    recallAt5: standardError(recallAt5),
    meanAveragePrecision: standardError(meanAveragePrecision),
  };
}

/** Recall at {@link RECALLS} and mean average precision by name. */
export function recallsOf({
  recall,
  meanAveragePrecision,
}: Pick<RetrievalResult, "recall" | "meanAveragePrecision">) {
  return { recallAt1: recall.get(1)!, recallAt5: recall.get(5)!, meanAveragePrecision };
}

function pick(labels: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row]!);
}
