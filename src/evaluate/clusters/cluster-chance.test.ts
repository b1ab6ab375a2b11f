import { expect, test } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { clusterChance } from "./cluster-chance.ts";
import { type ClusterScores, clusterScores } from "./cluster-scores.ts";

test("is the mean score of clusters of equal size by chance", () => {
  const labels = Int32Array.from({ length: 40 }, (_, row) => Math.floor(Math.sqrt(row)) % 4);
  const chance = clusterChance(labels, 5, 0);
  const draws = Array.from({ length: 1000 }, (_, draw) => {
    const order = randomStream(1, "draws", 0, draw).permutation(40);
    return clusterScores(
      labels,
      order.map((place) => place % 5),
    );
  });
  const mean = (score: keyof ClusterScores) => draws.reduce((sum, one) => sum + one[score], 0) / 1000;
  expect(chance.normalizedMutualInformation).toBeCloseTo(mean("normalizedMutualInformation"), 2);
  expect(Math.abs(chance.accuracy - mean("accuracy"))).toBeLessThan(0.05);
  expect(Math.abs(mean("adjustedMutualInformation"))).toBeLessThan(0.01);
  expect(Math.abs(mean("adjustedRandIndex"))).toBeLessThan(0.01);
  expect(chance).toMatchObject({ adjustedMutualInformation: 0, adjustedRandIndex: 0 });
});

test("refuses more clusters than pictures, and none", () => {
  expect(() => clusterChance([0, 1, 1], 4, 0)).toThrow("from 1 to 3");
  expect(() => clusterChance([0, 1, 1], 0, 0)).toThrow("from 1 to 3");
});
