/** What scores would be without looking at the pictures: the floor to read them from. */

/** Share of `testLabels` in the most frequent class of `trainLabels`: the accuracy of always giving that answer. */
export function majorityShare(trainLabels: ArrayLike<number>, testLabels: ArrayLike<number>): number {
  const counts = countLabels(trainLabels);
  let best = 0;
  for (const [label, count] of counts) if (count > (counts.get(best) ?? 0)) best = label;
  return (countLabels(testLabels).get(best) ?? 0) / testLabels.length;
}

export interface RetrievalChance {
  /** For each k the expected recall@k. */
  recall: Map<number, number>;
  meanAveragePrecision: number;
}

/**
 * Expected scores of retrieval by class in which every row ranks the others at random; rows that are alone in their
 * class are not counted, as in {@link labelledRetrieval}.
 *
 * With R relevant rows among M: recall@k is 1 - C(M - R, k) / C(M, k), and the expected average precision is
 * H/M + (R - 1)/(M - 1) · (1 - H/M) with the harmonic number H = 1 + 1/2 + … + 1/M: the relevant row at place n counts
 * itself and, of the n - 1 rows before it, (R - 1)/(M - 1).
 */
export function retrievalChance(labels: ArrayLike<number>, ks: readonly number[]): RetrievalChance {
  const others = labels.length - 1;
  const sizes = [...countLabels(labels).values()].filter((size) => size > 1);
  const queries = sizes.reduce((sum, size) => sum + size, 0);
  const mean = (chance: (relevant: number) => number) =>
    sizes.reduce((sum, size) => sum + size * chance(size - 1), 0) / queries;
  let harmonic = 0;
  for (let place = 1; place <= others; place++) harmonic += 1 / place;
  const first = harmonic / others;
  return {
    recall: new Map(ks.map((k) => [k, mean((relevant) => 1 - missed(relevant, others, k))])),
    meanAveragePrecision: mean((relevant) =>
      others === 1 ? 1 : first + ((relevant - 1) / (others - 1)) * (1 - first),
    ),
  };
}

/** The chance that none of the first k of `others` rows in a random order is among the `relevant`. */
function missed(relevant: number, others: number, k: number): number {
  let chance = 1;
  for (let place = 0; place < Math.min(k, others); place++) {
    chance *= Math.max(0, others - relevant - place) / (others - place);
  }
  return chance;
}

function countLabels(labels: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
  return counts;
}
