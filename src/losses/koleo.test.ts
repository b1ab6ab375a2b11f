import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, unit } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { koleo } from "./koleo.ts";

const [B, D] = [7, 3];
const random = deterministic("koleo", B * D);

/** -mean ln(distance to the nearest other row + ε), rows of length 1, ε in each coordinate as well. */
function formula(values: ArrayLike<number>): number {
  const rows = rowsOf(values, D).map(unit);
  return -average(
    rows.map((row, i) => {
      const others = rows.filter((_, k) => k !== i);
      const nearest = others.reduce((best, other) => (dot(row, other) > dot(row, best) ? other : best));
      return Math.log(Math.hypot(...row.map((x, d) => x - nearest[d]! + 1e-8)) + 1e-8);
    }),
  );
}

function evaluate(values: ArrayLike<number>, width = D) {
  const leaf = { data: Float32Array.from(values), shape: [values.length / width, width] };
  return evaluateLoss({ rows: leaf }, (t) => ({ loss: koleo(t.rows) }));
}

describe("koleo", () => {
  test("is the formula, in value and in the gradient by both ends of a pair", async () => {
    const got = await evaluate(random);
    expect(relativeError(got.loss!, [formula(random)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/rows"]!, finiteDifferences(formula, random))).toBeLessThan(1e-4);
  });

  test.each([
    { title: "a row that has none but itself", rows: [1], width: 1, answer: -Math.log(2e-8) },
    { title: "two opposite rows", rows: [0, 1, 0, -1], width: 2, answer: -Math.log(2) },
    { title: "two orthogonal rows", rows: [0, 1, 1, 0], width: 2, answer: -Math.log(Math.SQRT2) },
  ])("has a known value for $title", async ({ rows, width, answer }) => {
    expect((await evaluate(rows, width)).loss![0]).toBeCloseTo(answer, 4);
  });

  test("does not change with the order of rows, their length, or a turn of all", async () => {
    const { loss } = await evaluate(random);
    const rows = rowsOf(random, D);
    const longer = rows.map((row, i) => row.map((x) => x * (i + 0.5)));
    const turned = rows.map(([x, y, z]) => [0.6 * x! - 0.8 * y!, 0.8 * x! + 0.6 * y!, z!]);
    for (const other of [rows.toReversed(), longer, turned])
      expect((await evaluate(other.flat())).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is large but finite, with a finite gradient, for equal rows", async () => {
    const got = await evaluate([1, 2, 2, 1, 2, 2]);
    expect(got.loss![0]).toBeCloseTo(-Math.log(1e-8 * (1 + Math.sqrt(D))), 3);
    expect(got["grad/rows"]!.every(Number.isFinite)).toBe(true);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(random)).toEqual(await evaluate(random));
  });

  test("refuses anything but a matrix", () => {
    expect(() => koleo(input("x", [2, 3, 4]))).toThrow(/rows \[B, D\]/);
  });
});
