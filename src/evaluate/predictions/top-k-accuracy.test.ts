import { expect, test } from "vitest";
import { topKAccuracy } from "./top-k-accuracy.ts";

const scores = { rows: 3, cols: 4, data: Float32Array.of(4, 3, 2, 1, 1, 2, 3, 4, 0, 0, 0, 0) };

test("top-k accuracy counts the labels among the k largest, and equal scores in part", () => {
  // The label is the second, the third; the last row is all equal.
  const labels = [1, 1, 3];
  expect([1, 2, 3, 4].map((k) => 3 * topKAccuracy(labels, scores, k))).toEqual([0.25, 1.5, 2.75, 3]);
});

test("top-k accuracy refuses a k beyond the classes and labels that are none", () => {
  expect(() => topKAccuracy([1, 1, 3], scores, 5)).toThrow("an integer from 1 to 4");
  expect(() => topKAccuracy([1, 1, 4], scores, 1)).toThrow("from 0 to 3");
  expect(() => topKAccuracy([1, 1], scores, 1)).toThrow("3 labels");
});
