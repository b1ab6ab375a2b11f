import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { marginContrastive } from "./margin-contrastive.ts";

const [B, D] = [6, 3];
const SAME = [0, 1, 0, 1, 0, 0];
const first = deterministic("margin.first", B * D);
const second = deterministic("margin.second", B * D);

/** y·d² + (1 - y)·max(margin - d, 0)², the mean over pairs. */
function formula(a: ArrayLike<number>, b: ArrayLike<number>, margin: number): number {
  const others = rowsOf(b, D);
  const terms = rowsOf(a, D).map((row, i) => {
    const distance = Math.hypot(...row.map((value, d) => value - others[i]![d]!));
    return SAME[i] === 1 ? distance ** 2 : Math.max(margin - distance, 0) ** 2;
  });
  return average(terms);
}

function evaluate(margin: number, a: ArrayLike<number> = first, b: ArrayLike<number> = second) {
  const inputs = { a: leaf(a, B, D), b: leaf(b, B, D), same: leaf(SAME, B) };
  return evaluateLoss(inputs, (tensors) => ({
    loss: marginContrastive(tensors.a, tensors.b, tensors.same, margin),
  }));
}

describe("marginContrastive", () => {
  // Between the distances of the pairs, and above all of them.
  test.each([1, 4])("is the formula at margin %f, in value and both gradients", async (margin) => {
    const got = await evaluate(margin);
    const byA = (a: readonly number[]) => formula(a, second, margin);
    const byB = (b: readonly number[]) => formula(first, b, margin);
    expect(relativeError(got.loss, [formula(first, second, margin)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/a"], finiteDifferences(byA, first))).toBeLessThan(1e-4);
    expect(relativeError(got["grad/b"], finiteDifferences(byB, second))).toBeLessThan(1e-4);
  });

  test("of pairs of equal points is margin² for those that do not belong together, without a gradient", async () => {
    const got = await evaluate(2, first, first);
    expect(got.loss[0]).toBeCloseTo((4 * 4) / B, 6);
    expect([...got["grad/a"], ...got["grad/b"]].every((value) => value === 0)).toBe(true);
  });

  test("has a finite gradient of the right length for points that are all but equal", async () => {
    const near = first.map((value, i) => (i % D === 0 ? value + 1e-6 : value));
    const got = await evaluate(2, near, first);
    expect(Math.hypot(...rowsOf(got["grad/a"], D)[0]!)).toBeCloseTo((2 * 2) / B, 3);
  });

  test("does not change when the sides change places or all points are moved", async () => {
    const { loss } = await evaluate(1.5);
    const moved = (values: Float32Array) => values.map((value) => value + 0.25);
    expect((await evaluate(1.5, second, first)).loss[0]).toBeCloseTo(loss[0]!, 6);
    expect((await evaluate(1.5, moved(first), moved(second))).loss[0]).toBeCloseTo(loss[0]!, 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(1)).toEqual(await evaluate(1));
  });

  test("refuses pairs and labels that do not fit", () => {
    const pair = [input("a", [6, 3]), input("b", [6, 3])] as const;
    expect(() => marginContrastive(...pair, input("y", [5]), 1)).toThrow(/labels \[B\]/);
    expect(() => marginContrastive(pair[0], input("b", [6, 2]), input("y", [6]), 1)).toThrow(
      /pairs \[B, D\]/,
    );
  });
});
