import { expect, test } from "vitest";
import { contingencyTable } from "./contingency-table.ts";
import { matchedAccuracy } from "./matched-accuracy.ts";

test("the names of clusters do not matter, and each stands for one class", () => {
  const score = (labels: number[], clusters: number[]) => matchedAccuracy(contingencyTable(labels, clusters));
  expect(score([0, 0, 1, 1, 2], [2, 2, 0, 0, 1])).toBe(1);
  expect(score([0, 0, 1, 1], [0, 0, 0, 0])).toBe(0.5);
  // Class 0 is in two clusters, of which one stands for it.
  expect(score([0, 0, 0, 1], [0, 0, 1, 2])).toBe(0.75);
});
