import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { predictiveCoding, predictiveCodingWithAccuracy } from "./predictive-coding.ts";

/** Grids of B × L rows of K columns. */
const [B, L, K, D] = [2, 4, 3, 5];
const targets = deterministic("cpc.targets", B * L * K * D);
const near = deterministic("cpc.near", B * (L - 1) * K * D);
const far = deterministic("cpc.far", B * (L - 3) * K * D);

/** CPC, equation 4, one place after another. */
function equation4(t: ArrayLike<number>, ahead: number, predictions: ArrayLike<number>, temperature: number) {
  const all = rowsOf(t, D);
  const terms = rowsOf(predictions, D).map((prediction, at) => {
    const [sequence, place] = [Math.floor(at / ((L - ahead) * K)), at % ((L - ahead) * K)];
    const own = sequence * L * K + ahead * K + place;
    const scores = all.map((target) => dot(prediction, target) / temperature);
    return Math.log(total(scores.map(Math.exp))) - scores[own]!;
  });
  return average(terms);
}

function evaluate(temperature: number, t: ArrayLike<number> = targets, n = near, f = far) {
  const inputs = { t: leaf(t, B, L, K, D), n: leaf(n, B, L - 1, K, D), f: leaf(f, B, L - 3, K, D) };
  return evaluateLoss(inputs, (tensors) => ({
    ...predictiveCodingWithAccuracy({
      targets: tensors.t,
      predictions: [
        { ahead: 1, rows: tensors.n },
        { ahead: 3, rows: tensors.f },
      ],
      temperature,
    }),
  }));
}

describe("predictiveCoding", () => {
  test.each([0.3, 2])(
    "is the mean of equation 4 over the distances at temperature %f, in value and all gradients",
    async (temperature) => {
      const got = await evaluate(temperature);
      const formula = (t: readonly number[]) =>
        average([equation4(t, 1, near, temperature), equation4(t, 3, far, temperature)]);
      expect(relativeError(got.loss, [formula(Array.from(targets))])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/t"], finiteDifferences(formula, targets))).toBeLessThan(1e-4);
      const byNear = (n: readonly number[]) => equation4(targets, 1, n, temperature) / 2;
      const byFar = (f: readonly number[]) => equation4(targets, 3, f, temperature) / 2;
      expect(relativeError(got["grad/n"], finiteDifferences(byNear, near))).toBeLessThan(1e-4);
      expect(relativeError(got["grad/f"], finiteDifferences(byFar, far))).toBeLessThan(1e-4);
    },
  );

  test("is ln(B·L·K) when all targets are equal", async () => {
    const got = await evaluate(0.5, new Float32Array(B * L * K * D).fill(0.7));
    expect(got.loss[0]).toBeCloseTo(Math.log(B * L * K), 5);
  });

  test("does not change when the same is added to all targets", async () => {
    const moved = targets.map((value, at) => value + (at % D) - 2);
    expect(relativeError((await evaluate(1, moved)).loss, (await evaluate(1)).loss)).toBeLessThan(1e-5);
  });

  test("finds every target that is predicted exactly and far from all others", async () => {
    const apart = Float32Array.from({ length: B * L * 2 }, (_, at) => {
      const angle = (Math.floor(at / 2) * 2 * Math.PI) / (B * L);
      return at % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    const later = rowsOf(apart, L * 2).flatMap((sequence) => sequence.slice(2));
    const inputs = { t: leaf(apart, B, L, 2), p: leaf(later, B, L - 1, 2) };
    const got = await evaluateLoss(inputs, ({ t, p }) => ({
      ...predictiveCodingWithAccuracy({
        targets: t,
        predictions: [{ ahead: 1, rows: p }],
        temperature: 0.01,
      }),
    }));
    expect(got.accuracy[0]).toBe(1);
    expect(got.loss[0]).toBeLessThan(1e-6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(0.5)).toEqual(await evaluate(0.5));
  });

  test("refuses predictions that do not fit their targets", () => {
    const build = (ahead: number, rows: number[]) => () =>
      predictiveCoding({
        targets: input("t", [2, 4, 5]),
        predictions: [{ ahead, rows: input("p", rows) }],
        temperature: 1,
      });
    expect(build(1, [2, 2, 5])).toThrow(/predictions \[2,3,5\] for 1 ahead/);
    expect(build(4, [2, 0, 5])).toThrow(/for 4 ahead/);
    expect(() =>
      predictiveCoding({ targets: input("t", [2, 4, 5]), predictions: [], temperature: 1 }),
    ).toThrow(/at least one prediction/);
  });
});
