import { expect, test } from "vitest";
import { numberScale } from "./number-scale.ts";

test("the scale of numbers is mean and deviation of each column over the training pictures", () => {
  const data = Float32Array.of(1, 7, 3, 7, 100, 7, 5, 7);
  const scale = numberScale({ rows: 4, cols: 2, data }, Int32Array.of(0, 1, 3));
  expect(scale.mean).toEqual([3, 7]);
  expect(scale.deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
  expect(scale.deviation[1]).toBe(1); // one that does not vary
});

test("the scale does not depend on the order of the pictures, to the last bit", () => {
  const values = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
  const places = Int32Array.from(values.keys());
  const straight = numberScale({ rows: 50, cols: 1, data: values }, places);
  expect(numberScale({ rows: 50, cols: 1, data: values.toReversed() }, places)).toEqual(straight);
});
