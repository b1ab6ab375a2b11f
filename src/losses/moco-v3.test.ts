import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total, unitRows } from "../../test/support/rows.ts";
import { mocoV3LossWithAccuracy } from "./moco-v3.ts";

const [B, D] = [3, 5];
const TEMPERATURE = 0.2;
const given = (name: string) => deterministic(`moco-v3.${name}`, B * D);
const values = { q1: given("q1"), q2: given("q2"), k1: given("k1"), k2: given("k2") };

/** Algorithm 1: ctr(q, k) = 2τ · cross-entropy of q·kᵀ/τ with the diagonal as labels. */
function ctr(q: ArrayLike<number>, k: ArrayLike<number>): number {
  const keys = unitRows(rowsOf(k, D));
  const terms = unitRows(rowsOf(q, D)).map((query, i) => {
    const logits = keys.map((key) => dot(query, key) / TEMPERATURE);
    return Math.log(total(logits.map(Math.exp))) - logits[i]!;
  });
  return 2 * TEMPERATURE * average(terms);
}

function evaluate(rows: Record<"q1" | "q2" | "k1" | "k2", ArrayLike<number>> = values) {
  const inputs = {
    q1: leaf(rows.q1, B, D),
    q2: leaf(rows.q2, B, D),
    k1: leaf(rows.k1, B, D),
    k2: leaf(rows.k2, B, D),
  };
  return evaluateLoss(inputs, ({ q1, q2, k1, k2 }) => ({
    ...mocoV3LossWithAccuracy({ queries: [q1, q2], keys: [k1, k2], temperature: TEMPERATURE }),
  }));
}

describe("mocoV3Loss", () => {
  test("is algorithm 1, in value and the queries' gradients", async () => {
    const got = await evaluate();
    const { q1, q2, k1, k2 } = values;
    expect(relativeError(got.loss, [ctr(q1, k2) + ctr(q2, k1)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/q1"],
        finiteDifferences((q) => ctr(q, k2), q1),
      ),
    ).toBeLessThan(1e-4);
    expect(
      relativeError(
        got["grad/q2"],
        finiteDifferences((q) => ctr(q, k1), q2),
      ),
    ).toBeLessThan(1e-4);
  });

  test("hands no gradient to the keys", async () => {
    const got = await evaluate();
    expect([...got["grad/k1"], ...got["grad/k2"]].every((value) => value === 0)).toBe(true);
  });

  test("does not change when the views change places", async () => {
    const { q1, q2, k1, k2 } = values;
    const [there, back] = [await evaluate(), await evaluate({ q1: q2, q2: q1, k1: k2, k2: k1 })];
    expect(back.loss[0]).toBeCloseTo(there.loss[0]!, 6);
  });

  test("is 4τ·ln B when all rows are equal", async () => {
    const flat = new Float32Array(B * D).fill(1);
    const got = await evaluate({ q1: flat, q2: flat, k1: flat, k2: flat });
    expect(got.loss[0]).toBeCloseTo(4 * TEMPERATURE * Math.log(B), 5);
  });

  test("finds every key where queries and keys are alike", async () => {
    const { q1 } = values;
    expect((await evaluate({ q1, q2: q1, k1: q1, k2: q1 })).accuracy[0]).toBe(1);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });
});
