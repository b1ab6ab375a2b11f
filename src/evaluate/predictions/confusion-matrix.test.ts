import { expect, test } from "vitest";
import { confusionMatrix } from "./confusion-matrix.ts";

test("a confusion matrix counts predictions in columns, label by label", () => {
  const counts = confusionMatrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0], 4);
  expect(Array.from(counts)).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0]);
});

test("a confusion matrix refuses what is no class, and nothing", () => {
  expect(() => confusionMatrix([0, 3], [0, 1], 3)).toThrow("an integer from 0 to 2");
  expect(() => confusionMatrix([0, 1], [0, -1])).toThrow("the predictions");
  expect(() => confusionMatrix([0, 1], [0])).toThrow("2 labels");
  expect(() => confusionMatrix([], [])).toThrow("nothing to score");
});
