import type { Matrix } from "../data/matrix.ts";
import { AfterimageError } from "../errors.ts";
import { requireCount, requireFeatures, requireLabels, requireSameWidth } from "./checks.ts";
import { MOST_RANKED_ROWS, rankOf, relevantRanks } from "./ranks.ts";
import type { Metric } from "./score-graph.ts";
import { scoreRows } from "./score-rows.ts";

interface RetrievalOptions {
  /** The k of recall@k; 1, 5 and 10 by default. */
  ks?: readonly number[];
  /** Cosine by default. */
  metric?: Metric;
  threads?: number;
}

export interface RetrievalResult {
  /** For each k the share of queries, in [0, 1], with something relevant among the first k. */
  recall: Map<number, number>;
  /** Mean over queries of the average precision, in (0, 1]. */
  meanAveragePrecision: number;
  /** How many queries were counted: those for which anything relevant exists. */
  queries: number;
}

export interface LabelledRetrievalOptions extends RetrievalOptions {
  /** `[Q, D]`, the queries; and the gallery too where no other is given. */
  features: Matrix;
  /** Q classes, integers from 0. What has the query's class is relevant. */
  labels: ArrayLike<number>;
  /** `[G, D]`. Without it every row looks for others of its class in its own set, itself left out. */
  gallery?: Matrix;
  galleryLabels?: ArrayLike<number>;
}

export interface PairedRetrievalOptions extends RetrievalOptions {
  /** `[Q, D]`. */
  queries: Matrix;
  /** `[G, D]`. */
  gallery: Matrix;
  /** For query i the one row of the gallery it should find. */
  relevant: ArrayLike<number>;
}

/**
 * Retrieval by class. Recall@k counts a query as found when one of the first k has its class (as in Oh Song et al.
 * 2016, arXiv 1511.06452); the average precision is the mean, over all rows of its class, of the precision at their
 * places in the whole ranking. Exact, by comparing all with all.
 *
 * @throws AfterimageError `evaluate/labels` for labels that do not fit or when no two rows share a class;
 * `evaluate/shape`, `evaluate/not-finite` for features that cannot be compared.
 */
export async function labelledRetrieval(options: LabelledRetrievalOptions): Promise<RetrievalResult> {
  const { features, labels, metric = "cosine", threads = 0 } = options;
  const { gallery, galleryLabels, within } = labelledGallery(options);
  const ks = checkedKs(options.ks);
  const members = rowsByClass(galleryLabels);
  const tally = new Tally(ks);
  const isRelevant = new Uint8Array(gallery.rows);
  await scoreRows({ queries: features, gallery, metric, threads }, (query, scores) => {
    const own = members.get(labels[query]!) ?? [];
    const relevant = within ? own.filter((row) => row !== query) : own;
    if (relevant.length === 0) return;
    for (const row of relevant) isRelevant[row] = 1;
    tally.add(relevantRanks(scores, relevant, isRelevant, within ? query : -1));
    for (const row of relevant) isRelevant[row] = 0;
  });
  return tally.result();
}

/**
 * Retrieval of one known partner: copy detection, or the same thing in another set. The average precision of a
 * query is then 1 / rank.
 *
 * @returns with the scores the rank of each query's partner, `[Q]`, 1 the nearest.
 * @throws AfterimageError `evaluate/labels` when `relevant` does not fit the queries and the gallery;
 * `evaluate/shape`, `evaluate/not-finite` for features that cannot be compared.
 */
export async function pairedRetrieval(
  options: PairedRetrievalOptions,
): Promise<RetrievalResult & { ranks: Int32Array }> {
  const { queries, gallery, relevant, metric = "cosine", threads = 0 } = options;
  requireFeatures("the queries", queries);
  requireFeatures("the gallery", gallery);
  requireSameWidth("the queries", queries, "the gallery", gallery);
  requireLabels("the relevant rows", relevant, queries.rows, gallery.rows);
  const tally = new Tally(checkedKs(options.ks));
  const ranks = new Int32Array(queries.rows);
  await scoreRows({ queries, gallery, metric, threads }, (query, scores) => {
    ranks[query] = rankOf(scores, relevant[query]!);
    tally.add(ranks.subarray(query, query + 1));
  });
  return { ...tally.result(), ranks };
}

/** Sums over queries, each told by the rising ranks of what is relevant to it. */
class Tally {
  readonly #found: Map<number, number>;
  #precision = 0;
  #queries = 0;

  constructor(ks: readonly number[]) {
    this.#found = new Map(ks.map((k) => [k, 0]));
  }

  add(ranks: Int32Array): void {
    this.#queries++;
    for (const [k, found] of this.#found) if (ranks[0]! <= k) this.#found.set(k, found + 1);
    // The precision at the place of the n-th relevant row is n / place.
    let sum = 0;
    for (let n = 1; n <= ranks.length; n++) sum += n / ranks[n - 1]!;
    this.#precision += sum / ranks.length;
  }

  result(): RetrievalResult {
    const queries = this.#queries;
    if (queries === 0) {
      throw new AfterimageError("evaluate/labels", {
        what: "there is nothing to retrieve",
        expected: "classes with at least two pictures",
        got: "no query with anything of its class",
      });
    }
    const recall = new Map([...this.#found].map(([k, found]) => [k, found / queries]));
    return { recall, meanAveragePrecision: this.#precision / queries, queries };
  }
}

function labelledGallery({ features, labels, ...rest }: LabelledRetrievalOptions) {
  const { gallery = features, galleryLabels = labels } = rest;
  const within = gallery === features;
  requireFeatures("the features", features);
  if (!within) requireFeatures("the gallery", gallery);
  requireSameWidth("the features", features, "the gallery", gallery);
  requireLabels("the labels", labels, features.rows);
  requireLabels("the gallery's labels", galleryLabels, gallery.rows);
  requireCount("the number of gallery rows", gallery.rows, 1, MOST_RANKED_ROWS);
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
