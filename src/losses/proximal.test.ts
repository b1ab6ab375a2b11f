import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { proximal } from "./proximal.ts";

const [B, D, WEIGHT] = [3, 4, 30];
const embeddings = deterministic("proximal.v", B * D);
const before = deterministic("proximal.before", B * D);

/** The second term of equation 10, its mean over the batch. */
function equation10(v: ArrayLike<number>): number {
  const old = rowsOf(before, D);
  return (
    WEIGHT * average(rowsOf(v, D).map((row, i) => Math.hypot(...row.map((x, d) => x - old[i]![d]!)) ** 2))
  );
}

function evaluate(v: ArrayLike<number>, old: ArrayLike<number> = before) {
  return evaluateLoss({ v: leaf(v, B, D), old: leaf(old, B, D) }, (tensors) => ({
    loss: proximal(tensors.v, tensors.old, WEIGHT),
  }));
}

describe("proximal", () => {
  test("is λ times the mean squared distance, in value and gradient, none of it for the bank", async () => {
    const got = await evaluate(embeddings);
    expect(relativeError(got.loss, [equation10(embeddings)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/v"], finiteDifferences(equation10, embeddings))).toBeLessThan(1e-5);
    expect(got["grad/old"].every((value) => value === 0)).toBe(true);
  });

  test("is 0 where nothing moved, and 4λ for unit vectors that turned round", async () => {
    expect((await evaluate(before)).loss[0]).toBe(0);
    const unit = [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
    const opposite = unit.map((value) => -value);
    expect((await evaluate(unit, opposite)).loss[0]).toBeCloseTo(4 * WEIGHT, 4);
  });

  test("does not change when both are moved by the same vector", async () => {
    const moved = (values: Float32Array) => values.map((value) => value + 0.5);
    const { loss } = await evaluate(embeddings);
    expect((await evaluate(moved(embeddings), moved(before))).loss[0]).toBeCloseTo(loss[0]!, 4);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(embeddings)).toEqual(await evaluate(embeddings));
  });

  test("refuses rows of another shape", () => {
    expect(() => proximal(input("v", [3, 4]), input("b", [3, 5]), 1)).toThrow(/rows of the bank \[B, D\]/);
  });
});
