import { expect, test } from "vitest";
import { clusterScores } from "./cluster-scores.ts";

test("all scores are 1 for clusters that are the classes by other names", () => {
  expect(clusterScores([0, 0, 1, 1, 4], [3, 3, 0, 0, 1])).toEqual({
    normalizedMutualInformation: 1,
    adjustedMutualInformation: 1,
    adjustedRandIndex: 1,
    accuracy: 1,
  });
});

test("none is above 1, and the adjusted ones are lower, for clusters that share something with the classes", () => {
  const scores = clusterScores([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2, 2, 0]);
  expect(scores.accuracy).toBeCloseTo(6 / 9, 12);
  expect(scores.adjustedMutualInformation).toBeGreaterThan(0);
  expect(scores.adjustedMutualInformation).toBeLessThan(scores.normalizedMutualInformation);
  expect(scores.adjustedRandIndex).toBeLessThan(scores.accuracy);
});
