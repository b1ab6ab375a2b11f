import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, columnsOf, dot, rowsOf } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { type BarlowTwinsOptions, barlowTwins, barlowTwinsWithParts } from "./barlow-twins.ts";

const [B, D] = [6, 4];
const [first, second] = [deterministic("bt.first", B * D), deterministic("bt.second", B * D)];

/** Columns as batch norm makes them: biased variance, 1e-5 added to it. */
function standardized(values: ArrayLike<number>, width: number): number[][] {
  return columnsOf(rowsOf(values, width)).map((column) => {
    const mean = average(column);
    const variance = average(column.map((x) => (x - mean) ** 2));
    return column.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
  });
}

/** The forward function of `main.py` in loops. */
function formula(a: ArrayLike<number>, b: ArrayLike<number>, weight = 0.0051, width = D) {
  const [u, v] = [standardized(a, width), standardized(b, width)];
  let [on, off] = [0, 0];
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) {
      const c = dot(u[i]!, v[j]!) / u[i]!.length;
      if (i === j) on += (c - 1) ** 2;
      else off += c ** 2;
    }
  return { loss: on + weight * off, on, off };
}

function evaluate(a: ArrayLike<number>, b: ArrayLike<number>, options?: BarlowTwinsOptions, width = D) {
  const leaf = (values: ArrayLike<number>) => ({
    data: Float32Array.from(values),
    shape: [values.length / width, width],
  });
  return evaluateLoss({ a: leaf(a), b: leaf(b) }, (t) => ({ ...barlowTwinsWithParts(t.a, t.b, options) }));
}

describe("barlowTwins", () => {
  test.each([0.0051, 0.2])("is the formula with weight %f, in value, parts and gradients", async (weight) => {
    const got = await evaluate(first, second, { redundancyWeight: weight });
    const expected = formula(first, second, weight);
    expect(relativeError(got.loss!, [expected.loss])).toBeLessThan(1e-5);
    expect(relativeError(got.onDiagonal!, [expected.on])).toBeLessThan(1e-5);
    expect(relativeError(got.offDiagonal!, [expected.off])).toBeLessThan(1e-5);
    const byFirst = finiteDifferences((a) => formula(a, second, weight).loss, first);
    const bySecond = finiteDifferences((b) => formula(first, b, weight).loss, second);
    expect(relativeError(got["grad/a"]!, byFirst)).toBeLessThan(1e-4);
    expect(relativeError(got["grad/b"]!, bySecond)).toBeLessThan(1e-4);
  });

  test("does not change when outputs are scaled and shifted, or pictures or views change places", async () => {
    const { loss } = await evaluate(first, second);
    const moved = first.map((value, i) => value * [20, 30, 15, 40][i % D]! + 5);
    const turned = (values: Float32Array) => rowsOf(values, D).toReversed().flat();
    // Scaling makes the ε in the variance count less.
    expect((await evaluate(moved, second)).loss![0]).toBeCloseTo(loss![0]!, 3);
    expect((await evaluate(turned(first), turned(second))).loss![0]).toBeCloseTo(loss![0]!, 5);
    expect((await evaluate(second, first)).loss![0]).toBeCloseTo(loss![0]!, 5);
  });

  test("keeps its digits where outputs have a large mean", async () => {
    const far = first.map((value) => value + 100);
    expect(relativeError((await evaluate(far, second)).loss!, [formula(far, second).loss])).toBeLessThan(
      1e-4,
    );
  });

  test("is 0 for equal views with uncorrelated outputs, 4·D for opposite ones, D where nothing varies", async () => {
    const uncorrelated = [1, 1, 1, -1, -1, 1, -1, -1];
    const opposite = uncorrelated.map((value) => -value);
    expect((await evaluate(uncorrelated, uncorrelated, {}, 2)).loss![0]).toBeCloseTo(0, 6);
    expect((await evaluate(uncorrelated, opposite, {}, 2)).loss![0]).toBeCloseTo(8, 3);
    const constant = await evaluate(new Float32Array(B * D).fill(3), new Float32Array(B * D).fill(3));
    expect(constant.loss![0]).toBeCloseTo(D, 6);
    expect(constant["grad/a"]!.every(Number.isFinite)).toBe(true);
  });

  test("counts D·(D - 1) for outputs that are all alike", async () => {
    const alike = [1, 1, -1, -1, 2, 2].flatMap((value) => new Array<number>(D).fill(value));
    expect((await evaluate(alike, alike)).offDiagonal![0]).toBeCloseTo(D * (D - 1), 3);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(first, second)).toEqual(await evaluate(first, second));
  });

  test("refuses views of different shapes and a single output", () => {
    expect(() => barlowTwins(input("a", [6, 4]), input("b", [5, 4]))).toThrow(/two views \[B, D\]/);
    expect(() => barlowTwins(input("a", [6, 1]), input("b", [6, 1]))).toThrow(/a square matrix/);
  });
});
