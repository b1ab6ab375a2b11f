/** Scores without looking at the pictures. */

import { majorityShare, mostFrequent, retrievalChance } from "../../evaluate/chance.ts";
import { clusterChance } from "../../evaluate/clusters/cluster-chance.ts";
import { testedRows } from "./divide-pictures.ts";
import type { Chance } from "./evaluation-result.ts";
import { type Outcomes, recallsOf, type ScoringTask } from "./score-features.ts";

export interface ScoredChance {
  chance: Chance;
  /** The score of the most frequent class on each tested picture. */
  outcomes: Outcomes;
}

export function scoreChance({ labels, division, protocols, clusters, seed }: ScoringTask): ScoredChance {
  const known = division.kind === "cross-validation" ? division.tested : division.split.kept;
  const tested = testedRows(division);
  const [knownLabels, testLabels] = [known, tested].map((rows) => rows.map((row) => labels[row]!)) as [
    Int32Array,
    Int32Array,
  ];
  const accuracy = majorityShare(knownLabels, testLabels);
  const answer = mostFrequent(knownLabels);
  const right = Float64Array.from(testLabels, (label) => (label === answer ? 1 : 0));
  const asked = (name: "knn" | "linear") => protocols.includes(name);
  return {
    chance: {
      ...(asked("knn") && { knn: { accuracy } }),
      ...(asked("linear") && { linear: { accuracy } }),
      ...(protocols.includes("retrieval") && { retrieval: recallsOf(retrievalChance(labels, [1, 5])) }),
      ...(clusters !== null && { clusters: clusterChance(labels, clusters, seed) }),
    },
    outcomes: { ...(asked("knn") && { knn: right }), ...(asked("linear") && { linear: right }) },
  };
}
