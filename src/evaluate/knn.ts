import type { Matrix } from "../data/matrix.ts";
import { AfterimageError } from "../errors.ts";
import { requireCount, requireLabels } from "./checks.ts";
import { type Nearest, nearest } from "./nearest.ts";
import type { Metric } from "./score-graph.ts";

export interface KnnOptions {
  /** `[N, D]` features of known class. */
  bank: Matrix;
  /** N classes, integers from 0. */
  bankLabels: ArrayLike<number>;
  /** `[Q, D]`. */
  queries: Matrix;
  /** Q true classes; without them there is no accuracy. */
  queryLabels?: ArrayLike<number>;
  /** How many neighbours vote; several are answered by one search. */
  k: number | readonly number[];
  /** T of a vote's weight exp(similarity / T), above 0: 0.07 in DINO, 0.1 in InstDisc. Cosine alone uses it. */
  temperature: number;
  /** Cosine by default. By Euclidean distance, which has no scale of its own, all votes weigh the same. */
  metric?: Metric;
  /** Query i is row i of the bank and has no vote on itself. */
  excludeSelf?: boolean;
  /** One more than the bank's highest label by default. */
  classes?: number;
  threads?: number;
  /** Bank rows compared at once; see {@link nearest}. */
  chunk?: number;
}

export interface KnnResult {
  /** Q classes for each k asked for; of classes with equal votes the one that has the nearest neighbour. */
  predictions: Map<number, Int32Array>;
  /** Share of queries predicted right, in [0, 1], for each k; empty without `queryLabels`. */
  accuracy: Map<number, number>;
  /** How many neighbours really voted for each k: all others of the bank where it has fewer than k. */
  used: Map<number, number>;
}

/**
 * The weighted k-nearest-neighbour classifier by which self-supervised features are compared: cosine similarity,
 * each neighbour's vote weighing exp(similarity / temperature). Exact.
 *
 * Source: Wu et al. 2018 (InstDisc, arXiv 1805.01978), section 3.4; `eval_knn.py` of facebookresearch/dino.
 *
 * @throws AfterimageError `evaluate/labels` for labels that do not fit, `usage/value` for k or a temperature out of
 * range, and what {@link nearest} throws.
 */
export async function knn(options: KnnOptions): Promise<KnnResult> {
  const { bank, bankLabels, queries, queryLabels, k, excludeSelf = false, threads, chunk } = options;
  const { metric = "cosine" } = options;
  const classes = checkedClasses(options);
  const asked = [...new Set(typeof k === "number" ? [k] : k)];
  const limit = bank.rows - (excludeSelf ? 1 : 0);
  const used = new Map(asked.map((value) => [value, Math.min(value, limit)]));
  const found = await nearest({
    queries,
    gallery: bank,
    k: Math.max(...used.values()),
    metric,
    excludeSelf,
    ...(threads === undefined ? {} : { threads }),
    ...(chunk === undefined ? {} : { chunk }),
  });
  const vote = { bankLabels, classes, temperature: options.temperature, metric };
  const predictions = new Map(
    asked.map((value) => [value, elect(found, queries.rows, used.get(value)!, vote)]),
  );
  const accuracy = new Map<number, number>();
  if (queryLabels)
    for (const [value, classesOf] of predictions) accuracy.set(value, agreement(classesOf, queryLabels));
  return { predictions, accuracy, used };
}

type Vote = Pick<KnnOptions, "bankLabels" | "temperature"> & { classes: number; metric: Metric };

/** The class with the heaviest votes among the first k neighbours of every query. */
function elect({ indices, scores }: Nearest, rows: number, k: number, vote: Vote): Int32Array {
  const { bankLabels, classes, temperature, metric } = vote;
  const width = indices.length / rows;
  const winners = new Int32Array(rows);
  const votes = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    const first = row * width;
    const voters = Array.from(indices.subarray(first, first + k), (index) => bankLabels[index]!);
    votes.fill(0);
    for (const [at, label] of voters.entries()) {
      // Weights relative to the nearest neighbour's: the winner is the same and nothing overflows.
      const lead = (scores[first + at]! - scores[first]!) / temperature;
      votes[label]! += metric === "cosine" ? Math.exp(lead) : 1;
    }
    winners[row] = voters.reduce((best, label) => (votes[label]! > votes[best]! ? label : best));
  }
  return winners;
}

function agreement(predicted: Int32Array, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < predicted.length; i++) if (predicted[i] === labels[i]) right++;
  return right / predicted.length;
}

/** Checks everything but the features themselves, which {@link nearest} does. */
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
  // Queries may be of classes that the bank does not have: they are simply never predicted right.
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
