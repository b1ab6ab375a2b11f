import type { Matrix } from "../formats/matrix.ts";
import {
  nothingToRetrieve,
  requireCount,
  requireFeatures,
  requireLabels,
  requireSameWidth,
} from "./checks.ts";
import { chanceFound, expectedPlace, expectedPrecision, harmonicNumbers } from "./expected-scores.ts";
import { inRange } from "./in-range.ts";
import { type TiedGroup, tiedGroups } from "./ranks.ts";
import type { Metric } from "./score-graph.ts";
import { scoreRows } from "./score-rows.ts";
import { tieWidths } from "./tie-width.ts";

interface RetrievalOptions {
  /** The k of recall@k; 1, 5 and 10 by default. */
  ks?: readonly number[];
  /** Cosine by default. */
  metric?: Metric;
  threads?: number;
}

export interface RetrievalResult {
  /** The share of queries, in [0, 1], with a relevant row among the first k, for each k. */
  recall: Map<number, number>;
  /** Mean over queries of the average precision, in (0, 1]. */
  meanAveragePrecision: number;
  /** The number of queries counted: those for which a relevant row exists. */
  queries: number;
  /** The same scores of each counted query, in the order of the queries. */
  perQuery: {
    /** The chance, for each k, that a relevant row is among the first k: 0 or 1 if there are no ties. */
    recall: Map<number, Float64Array>;
    averagePrecision: Float64Array;
  };
}

export interface LabelledRetrievalOptions extends RetrievalOptions {
  /** `[Q, D]`, the queries; also the gallery, if none is given. */
  features: Matrix;
  /** Q classes, integers from 0. Rows of the query's class are relevant. */
  labels: ArrayLike<number>;
  /** `[G, D]`. Without it every row searches among all other rows of `features`. */
  gallery?: Matrix;
  galleryLabels?: ArrayLike<number>;
}

export interface PairedRetrievalOptions extends RetrievalOptions {
  /** `[Q, D]`. */
  queries: Matrix;
  /** `[G, D]`. */
  gallery: Matrix;
  /** The one row of the gallery that query i should find. */
  relevant: ArrayLike<number>;
}

/**
 * Retrieval by class. Recall@k counts a query as found if one of the first k has its class (as in Oh Song et
 * al. 2016, arXiv 1511.06452). The average precision is the mean, over all rows of its class, of the
 * precision at their places in the whole ranking. Exact, by comparing all with all.
 *
 * Rows of equal score share their places: scores are expectations if all orders among equals are equally
 * likely (`expected-scores.ts`), so that features without content get the scores of chance. Scores are equal
 * if they differ by no more than rounding (`tie-width.ts`).
 *
 * @throws AfterimageError `evaluate/labels` for labels that do not fit or when no two rows share a class;
 * `evaluate/shape`, `evaluate/not-finite` for features that cannot be compared.
 */
export async function labelledRetrieval(options: LabelledRetrievalOptions): Promise<RetrievalResult> {
  const { features, labels, metric = "cosine", threads = 0 } = options;
  const { gallery, galleryLabels, within } = labelledGallery(options);
  const tally = new Tally(checkedKs(options.ks), gallery.rows);
  const members = rowsByClass(galleryLabels);
  const isRelevant = new Uint8Array(gallery.rows);
  const compared = inRange(features, gallery, metric);
  const widths = tieWidths(compared.queries, compared.gallery, metric);
  await scoreRows({ ...compared, metric, threads }, (query, scores) => {
    const own = members.get(labels[query]!) ?? [];
    const relevant = within ? own.filter((row) => row !== query) : own;
    if (relevant.length === 0) return;
    for (const row of relevant) isRelevant[row] = 1;
    tally.add(tiedGroups(scores, relevant, isRelevant, within ? query : -1, widths(query)));
    for (const row of relevant) isRelevant[row] = 0;
  });
  return tally.result();
}

/**
 * Retrieval of one known partner, as in copy detection. The average precision of a query is then 1 / rank.
 * Rows as near as the partner share its place, as in {@link labelledRetrieval}.
 *
 * @returns the scores and the rank of each query's partner, `[Q]`, 1 for the nearest. If other rows are as
 * near, it is the mean of the ranks that they share.
 * @throws AfterimageError `evaluate/labels` when `relevant` does not fit the queries and the gallery;
 * `evaluate/shape`, `evaluate/not-finite` for features that cannot be compared.
 */
export async function pairedRetrieval(
  options: PairedRetrievalOptions,
): Promise<RetrievalResult & { ranks: Float64Array }> {
  const { queries, gallery, relevant, metric = "cosine", threads = 0 } = options;
  requireFeatures("the queries", queries);
  requireFeatures("the gallery", gallery);
  requireSameWidth("the queries", queries, "the gallery", gallery);
  requireLabels("the relevant rows", relevant, queries.rows, gallery.rows);
  const tally = new Tally(checkedKs(options.ks), gallery.rows);
  const ranks = new Float64Array(queries.rows);
  const isRelevant = new Uint8Array(gallery.rows);
  const compared = inRange(queries, gallery, metric);
  const widths = tieWidths(compared.queries, compared.gallery, metric);
  await scoreRows({ ...compared, metric, threads }, (query, scores) => {
    const partner = relevant[query]!;
    isRelevant[partner] = 1;
    const groups = tiedGroups(scores, [partner], isRelevant, -1, widths(query));
    isRelevant[partner] = 0;
    ranks[query] = expectedPlace(groups[0]!);
    tally.add(groups);
  });
  return { ...tally.result(), ranks };
}

/** Adds up scores of queries, each given by the groups of equals that contain its relevant rows. */
class Tally {
  readonly #found: Map<number, number[]>;
  readonly #precision: number[] = [];
  readonly #harmonic: Float64Array;

  constructor(ks: readonly number[], ranked: number) {
    this.#found = new Map(ks.map((k) => [k, []]));
    this.#harmonic = harmonicNumbers(ranked);
  }

  add(groups: readonly TiedGroup[]): void {
    for (const [k, found] of this.#found) found.push(chanceFound(groups[0]!, k));
    this.#precision.push(expectedPrecision(groups, this.#harmonic));
  }

  result(): RetrievalResult {
    const queries = this.#precision.length;
    if (queries === 0) throw nothingToRetrieve();
    const perQuery = {
      recall: new Map([...this.#found].map(([k, found]) => [k, Float64Array.from(found)])),
      averagePrecision: Float64Array.from(this.#precision),
    };
    const recall = new Map([...perQuery.recall].map(([k, found]) => [k, mean(found)]));
    return { recall, meanAveragePrecision: mean(perQuery.averagePrecision), queries, perQuery };
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function labelledGallery({ features, labels, ...rest }: LabelledRetrievalOptions) {
  const { gallery = features, galleryLabels = labels } = rest;
  const within = gallery === features;
  requireFeatures("the features", features);
  if (!within) requireFeatures("the gallery", gallery);
  requireSameWidth("the features", features, "the gallery", gallery);
  requireLabels("the labels", labels, features.rows);
  requireLabels("the gallery's labels", galleryLabels, gallery.rows);
  return { gallery, galleryLabels, within };
}

function checkedKs(ks: readonly number[] = [1, 5, 10]): readonly number[] {
  for (const k of ks) requireCount("the k of recall@k", k, 1);
  return ks;
}

function rowsByClass(labels: ArrayLike<number>): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const own = members.get(labels[row]!);
    if (own) own.push(row);
    else members.set(labels[row]!, [row]);
  }
  return members;
}
