import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { learnFamiliar, quantile, strangeness } from "./find-unlike.ts";

const D = 6;
/** Around one direction, or around its opposite. */
const features = (name: string, rows: number, sign = 1): Matrix => ({
  ...{ rows, cols: D },
  data: deterministic(name, rows * D, 0.3).map((x, at) => x + (at % D === 0 ? sign : 0)),
});

function plainDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let d = 0; d < D; d++) [ab, aa, bb] = [ab + a[d]! * b[d]!, aa + a[d]! ** 2, bb + b[d]! ** 2];
  return 1 - ab / Math.sqrt(aa * bb);
}
const rowsOf = ({ rows, data }: Matrix) =>
  Array.from({ length: rows }, (_, row) => data.subarray(row * D, (row + 1) * D));

const training = features("training", 80);

test("the threshold is the 99 % quantile of the distance to the nearest other picture", async () => {
  const own = rowsOf(training);
  const nearest = own.map((a, i) =>
    Math.min(...own.filter((_, j) => j !== i).map((b) => plainDistance(a, b))),
  );
  const { threshold, features: kept } = (await learnFamiliar(training, { seed: 0, threads: 1 }))!;
  expect(kept).toBe(training);
  expect(threshold).toBeCloseTo(quantile(nearest, 0.99), 5);
  const [like, unlike] = [features("others", 50), features("others", 50, -1)];
  const far = await strangeness(unlike, { features: kept, threshold }, 1);
  for (const [at, row] of rowsOf(unlike).entries())
    expect(far[at]).toBeCloseTo(Math.min(...own.map((b) => plainDistance(row, b))), 5);
  expect(far.filter((distance) => distance > threshold)).toHaveLength(50);
  const near = await strangeness(like, { features: kept, threshold }, 1);
  expect(near.filter((distance) => distance > threshold).length).toBeLessThan(10);
});

test("pictures that did not train raise the threshold, and never lower it", async () => {
  const plain = (await learnFamiliar(training, { seed: 0, threads: 1 }))!.threshold;
  const others = features("validation", 40, -1);
  const raised = await learnFamiliar(training, { seed: 0, threads: 1, others });
  expect(raised!.threshold).toBeGreaterThan(plain);
  const same = await learnFamiliar(training, { seed: 0, threads: 1, others: training });
  expect(same!.threshold).toBe(plain);
});

test("of many pictures some are kept, drawn by the seed; one has no neighbour", async () => {
  const few = await learnFamiliar(training, { seed: 1, most: 10, threads: 1 });
  expect(few!.features).toMatchObject({ rows: 10, cols: D });
  const all = new Set(rowsOf(training).map(String));
  expect(rowsOf(few!.features).every((row) => all.has(String(row)))).toBe(true);
  expect(await learnFamiliar(training, { seed: 1, most: 10, threads: 1 })).toEqual(few);
  expect((await learnFamiliar(training, { seed: 2, most: 10, threads: 1 }))!.features).not.toEqual(
    few!.features,
  );
  expect(await learnFamiliar(features("one", 1), { seed: 0 })).toBeNull();
});

test("quantiles are between the two nearest values", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([4, 1, 3, 2], 1)).toBe(4);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.99)).toBe(0);
});
