import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average } from "../../test/support/rows.ts";
import { input, mul } from "../tensor/index.ts";
import { smoothL1 } from "./smooth-l1.ts";

const SHAPE = [3, 4, 2];
const [prediction, target] = [deterministic("sl1.p", 24, 2), deterministic("sl1.t", 24, 2)];

function formula(p: ArrayLike<number>, t: ArrayLike<number>, beta: number): number {
  return average(
    Array.from(p, (value, i) => {
      const size = Math.abs(value - t[i]!);
      return size < beta ? (0.5 * size ** 2) / beta : size - 0.5 * beta;
    }),
  );
}

function evaluate(p: Float32Array, t: Float32Array, { beta = 1, factor = 1, shape = SHAPE } = {}) {
  return evaluateLoss({ p: { data: p, shape }, t: { data: t, shape } }, (x) => ({
    loss: mul(smoothL1(x.p, x.t, beta), factor),
  }));
}

describe("smoothL1", () => {
  test.each([1, 0.3, 5])("is the formula with beta %f, in value and gradients", async (beta) => {
    const got = await evaluate(prediction, target, { beta });
    expect(relativeError(got.loss!, [formula(prediction, target, beta)])).toBeLessThan(1e-5);
    const byPrediction = finiteDifferences((p) => formula(p, target, beta), prediction);
    const byTarget = finiteDifferences((t) => formula(prediction, t, beta), target);
    expect(relativeError(got["grad/p"]!, byPrediction)).toBeLessThan(1e-4);
    expect(relativeError(got["grad/t"]!, byTarget)).toBeLessThan(1e-4);
  });

  test("is the L1 loss with beta 0, and gives no gradient where both are equal", async () => {
    const half = prediction.map((value, i) => (i < 12 ? value : target[i]!));
    const got = await evaluate(half, target, { beta: 0 });
    const sizes = Array.from(half, (value, i) => Math.abs(value - target[i]!));
    expect(relativeError(got.loss!, [average(sizes)])).toBeLessThan(1e-5);
    const slopes = Array.from(half, (value, i) => Math.sign(value - target[i]!) / 24);
    expect(relativeError(got["grad/p"]!, slopes)).toBeLessThan(1e-5);
  });

  test("hands on the gradient that comes from above", async () => {
    const [once, thrice] = [
      await evaluate(prediction, target),
      await evaluate(prediction, target, { factor: 3 }),
    ];
    const expected = once["grad/p"]!.map((value) => 3 * value);
    expect(relativeError(thrice["grad/p"]!, expected)).toBeLessThan(1e-6);
  });

  test("does not change when both move alike or change places", async () => {
    const { loss } = await evaluate(prediction, target);
    const moved = (x: Float32Array) => x.map((value) => value + 1);
    expect((await evaluate(moved(prediction), moved(target))).loss![0]).toBeCloseTo(loss![0]!, 5);
    expect((await evaluate(target, prediction)).loss![0]).toBeCloseTo(loss![0]!, 6);
  });

  test("is d²/2 for small and |d| - 1/2 for large differences", async () => {
    const zeros = new Float32Array(3);
    const at = (d: number) =>
      evaluate(
        zeros.map(() => d),
        zeros,
        { shape: [3] },
      );
    expect((await at(0.5)).loss![0]).toBeCloseTo(0.125, 6);
    expect((await at(-3)).loss![0]).toBeCloseTo(2.5, 6);
    expect((await at(0)).loss).toEqual([0]);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(prediction, target)).toEqual(await evaluate(prediction, target));
  });

  test("refuses different shapes", () => {
    expect(() => smoothL1(input("p", [2, 3]), input("t", [3]))).toThrow(/of the same shape/);
  });
});
