import { describe, expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { runTwice } from "../../../test/support/run-twice.ts";
import { compile, constant, input } from "../../tensor/index.ts";
import { teacherInformation } from "./teacher-information.ts";

const [N, B, K] = [2, 3, 4];

/** For logits `[N, B, K]` at temperature 0.1, with the centre subtracted. */
async function informationOf(logits: ArrayLike<number>, centre = new Array<number>(K).fill(0)) {
  const result = teacherInformation(input("t", [N, B, K]), constant(centre, [K]), 0.1);
  const got = await runTwice(compile({ result }), { t: Float32Array.from(logits) });
  return got.result![0] as number;
}

function rowsAs(row: (index: number) => number[]): number[] {
  return Array.from({ length: N * B }, (_, i) => row(i)).flat();
}

describe("teacherInformation", () => {
  test("is the entropy of the mean distribution less the mean entropy", async () => {
    const logits = deterministic("information", N * B * K, 0.2);
    const centre = [0.1, -0.2, 0, 0.05];
    const rows = Array.from({ length: N * B }, (_, i) => {
      const weights = centre.map((c, k) => Math.exp((logits[i * K + k]! - c) / 0.1));
      return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
    });
    const entropy = (p: readonly number[]) => -p.reduce((total, x) => total + x * Math.log(x), 0);
    const average = centre.map((_, k) => rows.reduce((total, row) => total + row[k]! / (N * B), 0));
    const expected = entropy(average) - rows.reduce((total, row) => total + entropy(row) / (N * B), 0);
    expect(expected).toBeGreaterThan(0.05);
    expect(await informationOf(logits, centre)).toBeCloseTo(expected, 5);
  });

  test("is 0 where one output always wins, and where none does", async () => {
    expect(await informationOf(rowsAs(() => [90, 0, 0, 0]))).toBeCloseTo(0, 6);
    expect(await informationOf(rowsAs(() => [0, 0, 0, 0]))).toBeCloseTo(0, 6);
  });

  test("is ln B where each picture has an output of its own, in all its crops", async () => {
    const logits = rowsAs((i) => [0, 1, 2, 3].map((k) => (k === i % B ? 90 : 0)));
    expect(await informationOf(logits)).toBeCloseTo(Math.log(B), 5);
  });

  test("does not change with what is added to all outputs, nor with the order of the pictures", async () => {
    const logits = Array.from(deterministic("information.rows", N * B * K, 0.2));
    const moved = logits.map((value) => value + 3);
    const turned = [...logits.slice(2 * K), ...logits.slice(0, 2 * K)];
    const value = await informationOf(logits);
    expect(await informationOf(moved)).toBeCloseTo(value, 4);
    expect(await informationOf(turned)).toBeCloseTo(value, 6);
  });
});
