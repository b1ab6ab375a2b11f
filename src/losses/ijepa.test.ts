import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { ijepaLoss } from "./ijepa.ts";

const [B, T, D] = [2, 3, 6];
const [prediction, features] = [
  deterministic("ijepa.p", B * T * D, 2),
  deterministic("ijepa.f", B * T * D, 3),
];

const normalized = (values: ArrayLike<number>) =>
  rowsOf(values, D).flatMap((row) => {
    const mean = average(row);
    const variance = average(row.map((x) => (x - mean) ** 2));
    return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
  });

function formula(p: ArrayLike<number>): number {
  const target = normalized(features);
  return average(
    Array.from(p, (value, i) => {
      const size = Math.abs(value - target[i]!);
      return size < 1 ? size ** 2 / 2 : size - 0.5;
    }),
  );
}

function evaluate(p: Float32Array, f: Float32Array) {
  const shape = [B, T, D];
  return evaluateLoss({ p: { data: p, shape }, f: { data: f, shape } }, (t) => ({
    loss: ijepaLoss(t.p, t.f),
  }));
}

describe("ijepaLoss", () => {
  test("is smooth L1 against normalized features, in value and gradient, and hands them none", async () => {
    const got = await evaluate(prediction, features);
    expect(relativeError(got.loss!, [formula(prediction)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/p"]!, finiteDifferences(formula, prediction))).toBeLessThan(1e-4);
    expect(got["grad/f"]!.every((value) => value === 0)).toBe(true);
  });

  test("does not change with the mean and deviation of a token's features", async () => {
    const { loss } = await evaluate(prediction, features);
    const moved = features.map((value, i) => value * (1 + Math.floor(i / D)) - 2);
    expect((await evaluate(prediction, moved)).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is 0 for the normalized features themselves, and repeats its bits", async () => {
    expect((await evaluate(Float32Array.from(normalized(features)), features)).loss![0]).toBeCloseTo(0, 6);
    expect(await evaluate(prediction, features)).toEqual(await evaluate(prediction, features));
  });

  test("refuses different shapes", () => {
    expect(() => ijepaLoss(input("p", [2, 3, 6]), input("f", [2, 4, 6]))).toThrow(/of the same shape/);
  });
});
