import { expect, test } from "vitest";
import { judgeHeads } from "./judge-heads.ts";

test("heads are judged by their highest logits, their five highest, and their cross-entropy", async () => {
  // One feature; the logit of class c is slope·c in the first head and -slope·c in the second.
  const classes = 7;
  const weight = Float32Array.from({ length: 14 }, (_, i) => (i < 7 ? i : -(i - 7)));
  const heads = { count: 2, classes, weight, bias: new Float32Array(14) };
  const features = { rows: 4, cols: 1, data: Float32Array.of(1, 1, -1, 0) };
  const [first, second] = await judgeHeads(heads, features, [6, 1, 0, 0], 1);
  // Ranks of the true class: 6 first, 1 sixth, 0 first of -c, and with all logits equal class 0 is first.
  expect(first).toMatchObject({ accuracy: 3 / 4, top5: 3 / 4 });
  expect(Array.from(first!.predictions)).toEqual([6, 6, 0, 0]);
  // Of -c: 6 seventh, 1 second, 0 seventh of c, 0 first.
  expect(second).toMatchObject({ accuracy: 1 / 4, top5: 2 / 4 });
  expect(Array.from(second!.predictions)).toEqual([0, 0, 6, 0]);
  const norm = Math.log([0, 1, 2, 3, 4, 5, 6].reduce((sum, c) => sum + Math.exp(c), 0));
  expect(first!.loss).toBeCloseTo((norm - 6 + norm - 1 + (norm - 6) + Math.log(7)) / 4, 5);
});

test("a head that left the finite numbers predicts nothing and is never right", async () => {
  const heads = { count: 1, classes: 2, weight: Float32Array.of(Number.NaN, 1), bias: new Float32Array(2) };
  const features = { rows: 2, cols: 1, data: Float32Array.of(1, 2) };
  const [judgement] = await judgeHeads(heads, features, [0, 1], 1);
  expect(judgement).toMatchObject({ accuracy: 0, top5: 0 });
  expect(Array.from(judgement!.predictions)).toEqual([-1, -1]);
});
