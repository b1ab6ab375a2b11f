import { expect, test } from "vitest";
import type { Matrix } from "../formats/matrix.ts";
import { worstMistakes } from "./worst-mistakes.ts";

const matrix = (cols: number, ...data: number[]): Matrix => ({
  ...{ rows: data.length / cols, cols },
  data: Float32Array.from(data),
});

test("of classes the surest mistakes are first, and right predictions are none", () => {
  const predictions = matrix(2, 0.9, 0.1, 0.25, 0.75, 0.5, 0.5, 0.125, 0.875);
  const answers = { kind: "classes", classes: Int32Array.of(0, 0, 1, 0) } as const;
  const task = { kind: "classes", names: ["cat", "dog"] } as const;
  expect(worstMistakes(task, predictions, answers, 9)).toEqual([
    { row: 3, truth: "cat", predicted: "dog", probability: 0.875 },
    { row: 1, truth: "cat", predicted: "dog", probability: 0.75 },
    { row: 2, truth: "dog", predicted: "cat", probability: 0.5 },
  ]);
  expect(worstMistakes(task, predictions, answers, 1)).toHaveLength(1);
});

test("of several labels each picture has its worst one, missing or too many", () => {
  const predictions = matrix(2, 0.25, 0.625, 0.75, 0.5, 0.875, 0.125);
  const answers = { kind: "several", rows: matrix(2, 1, 0, 0, 1, 1, 0) } as const;
  const task = { kind: "several", names: ["red", "old"] } as const;
  expect(worstMistakes(task, predictions, answers, 9)).toEqual([
    { row: 0, truth: "red", predicted: "no red", probability: 0.75 },
    { row: 1, truth: "no red", predicted: "red", probability: 0.75 },
  ]);
});

test("of numbers the farthest off are first, in deviations", () => {
  const predictions = matrix(2, 10, 1, 20, 1.5);
  const answers = { kind: "numbers", rows: matrix(2, 11, 3, 40, 1.5) } as const;
  const scale = { mean: [0, 0], deviation: [100, 1] };
  const task = { kind: "numbers", names: ["age", "height"], scale } as const;
  expect(worstMistakes(task, predictions, answers, 9)).toEqual([
    { row: 0, truth: "height 3", predicted: "1", probability: null },
    { row: 1, truth: "age 40", predicted: "20", probability: null },
  ]);
});
