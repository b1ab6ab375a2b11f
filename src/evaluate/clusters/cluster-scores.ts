import { adjustedMutualInformation } from "./adjusted-mutual-information.ts";
import { adjustedRandIndex } from "./adjusted-rand-index.ts";
import { contingencyTable } from "./contingency-table.ts";
import { matchedAccuracy } from "./matched-accuracy.ts";
import { normalizedMutualInformation } from "./normalized-mutual-information.ts";

/** How well clusters agree with classes; each score is 1 if both divide the pictures alike. */
export interface ClusterScores {
  /** See {@link normalizedMutualInformation}, with the arithmetic mean. Not adjusted for chance. */
  normalizedMutualInformation: number;
  /** See {@link adjustedMutualInformation}, with the arithmetic mean. 0 by chance. */
  adjustedMutualInformation: number;
  /** See {@link adjustedRandIndex}. 0 by chance. */
  adjustedRandIndex: number;
  /** See {@link matchedAccuracy}. Not adjusted for chance. */
  accuracy: number;
}

/**
 * All scores of clusters by classes.
 *
 * @param labels N classes, integers from 0.
 * @param clusters as many, integers from 0.
 * @throws AfterimageError `evaluate/labels` when there are none, the two differ in number, or one is not an
 * integer, 0 or more.
 */
export function clusterScores(labels: ArrayLike<number>, clusters: ArrayLike<number>): ClusterScores {
  const table = contingencyTable(labels, clusters);
  return {
    normalizedMutualInformation: normalizedMutualInformation(table),
    adjustedMutualInformation: adjustedMutualInformation(table),
    adjustedRandIndex: adjustedRandIndex(table),
    accuracy: matchedAccuracy(table),
  };
}
