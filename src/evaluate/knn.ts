import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireCount, requireLabels } from "./checks.ts";
import { findNeighbours } from "./find-neighbours.ts";
import type { Metric } from "./score-graph.ts";
import { elect } from "./vote.ts";

export interface KnnOptions {
  /** `[N, D]` features of known class. */
  bank: Matrix;
  /** N classes, integers from 0. */
  bankLabels: ArrayLike<number>;
  /** `[Q, D]`. */
  queries: Matrix;
  /** Q true classes; without them there is no accuracy. */
  queryLabels?: ArrayLike<number>;
  /** The number of neighbours that vote. Several values are answered by one search. */
  k: number | readonly number[];
  /**
   * T of a vote's weight exp(similarity / T), above 0: 0.07 in DINO, 0.1 in InstDisc. Only used with cosine.
   */
  temperature: number;
  /**
   * Cosine by default. With Euclidean distance, which has no scale of its own, all votes have the same
   * weight.
   */
  metric?: Metric;
  /** Query i is row i of the bank, and does not vote for itself. */
  excludeSelf?: boolean;
  /** One more than the bank's highest label by default. */
  classes?: number;
  threads?: number;
  /** Bank rows compared at once; see {@link nearest}. */
  chunk?: number;
}

export interface KnnResult {
  /**
   * Q classes for each k: the class with the most votes. Of several with equal votes it is the one with the
   * nearest neighbour, and of several of these the lowest.
   */
  predictions: Map<number, Int32Array>;
  /** Share of queries predicted right, in [0, 1], for each k; empty without `queryLabels`. */
  accuracy: Map<number, number>;
  /**
   * The score of each query for each k, `[Q]`: 1, 0, or 1/m if m classes tie with equal votes and equally
   * near neighbours and the query's class is one of them. The accuracy is the mean. Empty without
   * `queryLabels`.
   */
  correct: Map<number, Float64Array>;
  /**
   * The number of neighbours that voted, for each k. It is smaller than k if the bank has fewer other rows.
   */
  used: Map<number, number>;
}

/**
 * The weighted k-nearest-neighbour classifier that is commonly used to compare self-supervised features:
 * cosine similarity, with weight exp(similarity / temperature) for each neighbour's vote. Exact.
 *
 * Neighbours of equal score (`tie-width.ts`) at the k-th place share the remaining places, whatever their
 * order in the bank; scikit-learn takes those that come first. If all features are equal, the whole bank
 * votes and the most frequent class wins. With `excludeSelf` and classes of equal size that is never the
 * query's class, because the query itself is missing from it.
 *
 * Source: Wu et al. 2018 (InstDisc, arXiv 1805.01978), section 3.4; `eval_knn.py` of facebookresearch/dino.
 *
 * @throws AfterimageError `evaluate/labels` for labels that do not fit, `usage/value` for k or a temperature
 * out of range, and what {@link nearest} throws.
 */
export async function knn(options: KnnOptions): Promise<KnnResult> {
  const { bank, queries, queryLabels, k, temperature, metric = "cosine", excludeSelf = false } = options;
  const classes = checkedClasses(options);
  const asked = [...new Set(typeof k === "number" ? [k] : k)];
  const limit = bank.rows - (excludeSelf ? 1 : 0);
  const used = new Map(asked.map((value) => [value, Math.min(value, limit)]));
  const predictions = new Map(asked.map((value) => [value, new Int32Array(queries.rows)]));
  const correct = new Map(asked.map((value) => [value, new Float64Array(queries.rows)]));
  const search = { ...options, metric, places: Math.max(...used.values()) };
  await findNeighbours(search, (query, groups) => {
    for (const [value, voters] of used) {
      const { winner, first } = elect(groups, { k: voters, temperature, metric, classes });
      predictions.get(value)![query] = winner;
      if (queryLabels && first.includes(queryLabels[query]!)) correct.get(value)![query] = 1 / first.length;
    }
  });
  if (!queryLabels) return { predictions, accuracy: new Map(), correct: new Map(), used };
  const accuracy = new Map([...correct].map(([value, shares]) => [value, mean(shares)]));
  return { predictions, accuracy, correct, used };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Checks everything except the features, which {@link nearest} checks. */
function checkedClasses({
  bank,
  bankLabels,
  queries,
  queryLabels,
  k,
  temperature,
  ...rest
}: KnnOptions): number {
  requireLabels("the bank's labels", bankLabels, bank.rows, rest.classes);
  // Queries may have classes that the bank does not have: they are never predicted right.
  if (queryLabels) requireLabels("the queries' labels", queryLabels, queries.rows, rest.classes);
  const asked = typeof k === "number" ? [k] : k;
  requireCount("the number of k", asked.length, 1);
  for (const value of asked) requireCount("k", value, 1);
  requireCount("the number of neighbours", bank.rows - (rest.excludeSelf ? 1 : 0), 1);
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new AfterimageError("usage/value", {
      what: "the kNN temperature is out of range",
      expected: "a number above 0",
      got: String(temperature),
    });
  }
  if (rest.classes !== undefined) return rest.classes;
  let highest = 0;
  for (let row = 0; row < bank.rows; row++) highest = Math.max(highest, bankLabels[row]!);
  return highest + 1;
}
