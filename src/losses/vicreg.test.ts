import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, columnsOf, dot, rowsOf, total } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { type VicregOptions, vicreg, vicregWithParts } from "./vicreg.ts";

const [B, D] = [6, 4];
const [first, second] = [deterministic("vicreg.a", B * D, 2), deterministic("vicreg.b", B * D, 1.5)];

function centredColumns(values: ArrayLike<number>): number[][] {
  return columnsOf(rowsOf(values, D)).map((column) => column.map((x) => x - average(column)));
}

/** The forward function of `main_vicreg.py` in loops. */
function formula(x: ArrayLike<number>, y: ArrayLike<number>) {
  const invariance = average(Array.from(x, (value, i) => (value - y[i]!) ** 2));
  let [variance, covariance] = [0, 0];
  for (const columns of [centredColumns(x), centredColumns(y)]) {
    const n = columns[0]!.length - 1;
    const deviations = columns.map((column) => Math.sqrt(dot(column, column) / n + 1e-4));
    variance += average(deviations.map((deviation) => Math.max(0, 1 - deviation))) / 2;
    for (let i = 0; i < D; i++)
      for (let j = 0; j < D; j++) if (i !== j) covariance += (dot(columns[i]!, columns[j]!) / n) ** 2 / D;
  }
  return { loss: 25 * invariance + 25 * variance + covariance, invariance, variance, covariance };
}

function evaluate(a: ArrayLike<number>, b: ArrayLike<number>, options?: VicregOptions) {
  const leaf = (values: ArrayLike<number>) => ({
    data: Float32Array.from(values),
    shape: [values.length / D, D],
  });
  return evaluateLoss({ a: leaf(a), b: leaf(b) }, (t) => ({ ...vicregWithParts(t.a, t.b, options) }));
}

describe("vicreg", () => {
  test("is the formula, in value, parts and gradients", async () => {
    const got = await evaluate(first, second);
    for (const [part, value] of Object.entries(formula(first, second)))
      expect(relativeError(got[part as keyof typeof got], [value]), part).toBeLessThan(1e-5);
    const byFirst = finiteDifferences((a) => formula(a, second).loss, first);
    const bySecond = finiteDifferences((b) => formula(first, b).loss, second);
    expect(relativeError(got["grad/a"]!, byFirst)).toBeLessThan(1e-4);
    expect(relativeError(got["grad/b"]!, bySecond)).toBeLessThan(1e-4);
  });

  test("weighs its parts as told", async () => {
    const parts = formula(first, second);
    const weights = { invarianceWeight: 3, varianceWeight: 0.5, covarianceWeight: 2 };
    const expected = 3 * parts.invariance + 0.5 * parts.variance + 2 * parts.covariance;
    expect(relativeError((await evaluate(first, second, weights)).loss!, [expected])).toBeLessThan(1e-5);
  });

  test("does not change when both views are shifted, or pictures or views change places", async () => {
    const { loss } = await evaluate(first, second);
    const moved = (values: Float32Array) => values.map((value, i) => value + [1, -2, 0.5, 3][i % D]!);
    const turned = (values: Float32Array) => rowsOf(values, D).toReversed().flat();
    for (const other of [
      evaluate(moved(first), moved(second)),
      evaluate(turned(first), turned(second)),
      evaluate(second, first),
    ])
      expect(relativeError((await other).loss!, loss!)).toBeLessThan(1e-5);
  });

  test("is 25 · (1 - √ε) where every picture has the same output, with a finite gradient", async () => {
    const collapsed = await evaluate(new Float32Array(B * D).fill(0.7), new Float32Array(B * D).fill(0.7));
    expect(collapsed.loss![0]).toBeCloseTo(24.75, 5);
    expect(collapsed["grad/a"]!.every(Number.isFinite)).toBe(true);
  });

  test("is 0 for equal views whose outputs are uncorrelated and vary enough", async () => {
    const hadamard = [
      [1, 1, 1, -1],
      [1, -1, -1, -1],
      [-1, 1, -1, -1],
      [-1, -1, 1, -1],
      [1, 1, 1, 1],
      [1, -1, -1, 1],
      [-1, 1, -1, 1],
      [-1, -1, 1, 1],
    ];
    expect(total(hadamard.flat())).toBe(0);
    expect((await evaluate(hadamard.flat(), hadamard.flat())).loss![0]).toBeCloseTo(0, 6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(first, second)).toEqual(await evaluate(first, second));
  });

  test("refuses views of different shapes and a single picture", () => {
    const refused = /two views \[B, D\] of the same shape with at least 2 pictures/;
    expect(() => vicreg(input("a", [6, 4]), input("b", [6, 5]))).toThrow(refused);
    expect(() => vicreg(input("a", [1, 4]), input("b", [1, 4]))).toThrow(refused);
  });
});
