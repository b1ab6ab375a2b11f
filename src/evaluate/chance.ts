/** Scores expected without looking at the pictures: the floor for comparison. */
import { AfterimageError } from "../errors.ts";
import { nothingToRetrieve, requireCount } from "./checks.ts";
import { chanceFound, expectedPrecision, harmonicNumbers } from "./expected-scores.ts";
import type { TiedGroup } from "./ranks.ts";

/**
 * The accuracy of always answering with the most frequent class of `trainLabels` (the first to occur, if
 * several are equally frequent): the share of `testLabels` in it.
 *
 * @throws AfterimageError `evaluate/labels` when either has no label.
 */
export function majorityShare(trainLabels: ArrayLike<number>, testLabels: ArrayLike<number>): number {
  if (trainLabels.length === 0 || testLabels.length === 0) {
    throw new AfterimageError("evaluate/labels", {
      what: "the most frequent class cannot be found without labels",
      expected: "at least one label to train on and one to test",
      got: `${trainLabels.length} and ${testLabels.length}`,
    });
  }
  const best = mostFrequent(trainLabels);
  return (countLabels(testLabels).get(best) ?? 0) / testLabels.length;
}

/** The most frequent label; of several, the first to occur; -1 if there are no labels. */
export function mostFrequent(labels: ArrayLike<number>): number {
  let [best, most] = [-1, 0];
  for (const [label, count] of countLabels(labels)) if (count > most) [best, most] = [label, count];
  return best;
}

export interface RetrievalChance {
  /** The expected recall@k for each k. */
  recall: Map<number, number>;
  meanAveragePrecision: number;
}

/**
 * Expected scores of retrieval by class if every row ranks the others at random. Rows that are the only ones
 * of their class are not counted, as in {@link labelledRetrieval}. All others form one group of equals: see
 * {@link expectedPrecision}. With R relevant rows among M, recall@k is 1 - C(M - R, k) / C(M, k).
 *
 * @throws AfterimageError `evaluate/labels` when no two rows share a class; `usage/value` for an impossible
 * k.
 */
export function retrievalChance(labels: ArrayLike<number>, ks: readonly number[]): RetrievalChance {
  for (const k of ks) requireCount("the k of recall@k", k, 1);
  const others = labels.length - 1;
  const sizes = [...countLabels(labels).values()].filter((size) => size > 1);
  if (sizes.length === 0) throw nothingToRetrieve();
  const queries = sizes.reduce((sum, size) => sum + size, 0);
  const mean = (chance: (all: TiedGroup) => number) =>
    sizes.reduce((sum, size) => sum + size * chance(equals(others, size - 1)), 0) / queries;
  const harmonic = harmonicNumbers(others);
  return {
    recall: new Map(ks.map((k) => [k, mean((all) => chanceFound(all, k))])),
    meanAveragePrecision: mean((all) => expectedPrecision([all], harmonic)),
  };
}

function equals(size: number, relevant: number): TiedGroup {
  return { before: 0, relevantBefore: 0, size, relevant };
}

function countLabels(labels: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
  return counts;
}
