import { expect, test } from "vitest";
import { stratifiedSplit } from "./stratified-split.ts";

// 40 of class 0, 10 of class 1, 3 of class 5, 1 of class 2, in no order.
const labels = Int32Array.from({ length: 54 }, (_, i) => {
  const place = (i * 25) % 54;
  return place < 40 ? 0 : place < 50 ? 1 : place < 53 ? 5 : 2;
});
const draw = { share: 0.2, seed: 3, stream: "test" };

const count = (rows: Int32Array, label: number) => rows.filter((row) => labels[row] === label).length;

test("a stratified split holds out a share of every class and keeps at least one row of each", () => {
  const { kept, held } = stratifiedSplit(labels, draw);
  expect([0, 1, 5, 2].map((label) => count(held, label))).toEqual([8, 2, 1, 0]);
  expect([0, 1, 5, 2].map((label) => count(kept, label))).toEqual([32, 8, 2, 1]);
  expect([...kept, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 54 }, (_, i) => i));
  expect(kept).toEqual(kept.slice().sort());
  const least = stratifiedSplit(labels, { ...draw, share: 0.01 });
  expect([0, 1, 5, 2].map((label) => count(least.held, label))).toEqual([1, 1, 1, 0]);
  const most = stratifiedSplit(labels, { ...draw, share: 0.999 });
  expect([0, 1, 5, 2].map((label) => count(most.kept, label))).toEqual([1, 1, 1, 1]);
});

test("a stratified split is a function of its seed and its name", () => {
  expect(stratifiedSplit(labels, draw)).toEqual(stratifiedSplit(labels, draw));
  expect(stratifiedSplit(labels, { ...draw, seed: 4 })).not.toEqual(stratifiedSplit(labels, draw));
  expect(stratifiedSplit(labels, { ...draw, stream: "other" })).not.toEqual(stratifiedSplit(labels, draw));
});
