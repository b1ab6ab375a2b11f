import { expect, test } from "vitest";
import { probabilities } from "./probabilities.ts";

test("probabilities are the softmax of every row, flatter at a higher temperature", () => {
  const logits = { rows: 2, cols: 2, data: Float32Array.of(Math.log(3), 0, 1000, 1000) };
  const of = (temperature?: number) =>
    Array.from(probabilities(logits, temperature).data, (p) => +p.toFixed(6));
  expect(of()).toEqual([0.75, 0.25, 0.5, 0.5]);
  expect(of(0.5)).toEqual([0.9, 0.1, 0.5, 0.5]);
  expect(() => of(-1)).toThrow("a finite number above 0");
});
