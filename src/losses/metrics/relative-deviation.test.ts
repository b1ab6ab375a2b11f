import { expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { runTwice } from "../../../test/support/run-twice.ts";
import { compile, gradients, input } from "../../tensor/index.ts";
import { relativeDeviation } from "./relative-deviation.ts";

async function deviation(values: Float32Array, d: number): Promise<number> {
  const x = input("x", [values.length / d, d]);
  const results = await runTwice(compile({ deviation: relativeDeviation(x) }), { x: values });
  return results.deviation![0] as number;
}

test("relativeDeviation is √D times the mean deviation of the normalised rows' columns", async () => {
  const [b, d] = [5, 3];
  const values = deterministic("rows", b * d);
  const rows = Array.from({ length: b }, (_, i) => Array.from(values.subarray(i * d, (i + 1) * d)));
  const units = rows.map((row) => row.map((value) => value / Math.hypot(...row)));
  const deviations = rows[0]!.map((_, column) => {
    const mean = units.reduce((sum, row) => sum + row[column]!, 0) / b;
    return Math.sqrt(units.reduce((sum, row) => sum + (row[column]! - mean) ** 2, 0) / (b - 1));
  });
  const expected = (Math.sqrt(d) * deviations.reduce((sum, value) => sum + value)) / d;
  expect(await deviation(values, d)).toBeCloseTo(expected, 5);
});

test("it is 0 for rows that differ in length alone, and near 1 for rows that point everywhere", async () => {
  expect(await deviation(Float32Array.of(1, 2, 3, 6, 2, 4), 2)).toBeCloseTo(0, 6);
  expect(await deviation(deterministic("many rows", 4000 * 8), 8)).toBeCloseTo(1, 2);
});

test("it gives no gradient", () => {
  const x = input("x", [4, 3]);
  expect(gradients(relativeDeviation(x), [x])[0]!.node.operator.name).toBe("constant");
});

test("it refuses a single row, which has no deviation", () => {
  expect(() => relativeDeviation(input("x", [1, 3]))).toThrow("at least two rows");
});
