import { expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { runTwice } from "../../../test/support/run-twice.ts";
import { compile, gradients, input } from "../../tensor/index.ts";
import { participationRatio } from "./participation-ratio.ts";

async function ratio(values: Float32Array, d: number): Promise<number> {
  const x = input("x", [values.length / d, d]);
  const results = await runTwice(compile({ ratio: participationRatio(x) }), { x: values });
  return results.ratio![0] as number;
}

test("participationRatio is (Σ λ)² / Σ λ² of the normalised rows' covariance, whose sums are its trace and squared entries", async () => {
  const [b, d] = [5, 3];
  const values = deterministic("rows", b * d);
  const rows = Array.from({ length: b }, (_, i) => Array.from(values.subarray(i * d, (i + 1) * d)));
  const units = rows.map((row) => row.map((value) => value / Math.hypot(...row)));
  const means = rows[0]!.map((_, column) => units.reduce((sum, row) => sum + row[column]!, 0) / b);
  const covariance = means.map((_, i) =>
    means.map((_, j) => units.reduce((sum, row) => sum + (row[i]! - means[i]!) * (row[j]! - means[j]!), 0)),
  );
  const trace = covariance.reduce((sum, row, i) => sum + row[i]!, 0);
  const squares = covariance.flat().reduce((sum, value) => sum + value ** 2, 0);
  expect(await ratio(values, d)).toBeCloseTo(trace ** 2 / squares, 4);
});

test("it is the number of directions in which rows differ alike, and 0 where they do not differ", async () => {
  // Both ends of each of three axes.
  expect(
    await ratio(Float32Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1), 3),
  ).toBeCloseTo(3, 5);
  expect(await ratio(Float32Array.of(1, 1, 1, -1, -1, -1, 2, 2, 2, -3, -3, -3), 3)).toBeCloseTo(1, 5);
  expect(await ratio(Float32Array.of(1, 0, 2, 0, 3, 0), 2)).toBe(0);
});

test("it gives no gradient", () => {
  const x = input("x", [4, 3]);
  expect(gradients(participationRatio(x), [x])[0]!.node.operator.name).toBe("constant");
});
