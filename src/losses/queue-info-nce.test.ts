import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total, unitRows } from "../../test/support/rows.ts";
import { input } from "../tensor/index.ts";
import { queueInfoNce, queueInfoNceWithAccuracy } from "./queue-info-nce.ts";

const [B, K, D] = [3, 7, 5];
const queries = deterministic("queue.q", B * D);
const keys = deterministic("queue.k", B * D);
const queue = unitRows(rowsOf(deterministic("queue.queue", K * D), D)).flat();

/** MoCo, algorithm 1: logits [q·k, q·queue] / τ, of which the first is right. */
function algorithm1(q: ArrayLike<number>, temperature: number): number {
  const own = unitRows(rowsOf(keys, D));
  const terms = unitRows(rowsOf(q, D)).map((query, i) => {
    const logits = [own[i]!, ...rowsOf(queue, D)].map((key) => dot(query, key) / temperature);
    return Math.log(total(logits.map(Math.exp))) - logits[0]!;
  });
  return average(terms);
}

interface Rows {
  q?: ArrayLike<number>;
  k?: ArrayLike<number>;
  n?: ArrayLike<number>;
}

function evaluate(temperature: number, { q = queries, k = keys, n = queue }: Rows = {}, rowsAtOnce = 100) {
  const inputs = { q: leaf(q, q.length / D, D), k: leaf(k, k.length / D, D), n: leaf(n, n.length / D, D) };
  return evaluateLoss(inputs, (tensors) => ({
    ...queueInfoNceWithAccuracy({
      queries: tensors.q,
      keys: tensors.k,
      queue: tensors.n,
      temperature,
      rowsAtOnce,
    }),
  }));
}

describe("queueInfoNce", () => {
  test.each([0.05, 0.2, 1])(
    "is algorithm 1 at temperature %f, in value and gradient",
    async (temperature) => {
      const got = await evaluate(temperature);
      const formula = (q: readonly number[]) => algorithm1(q, temperature);
      expect(relativeError(got.loss, [formula(Array.from(queries))])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/q"], finiteDifferences(formula, queries))).toBeLessThan(1e-4);
    },
  );

  test("hands no gradient to keys and queue", async () => {
    const got = await evaluate(0.2);
    expect([...got["grad/k"], ...got["grad/n"]].every((value) => value === 0)).toBe(true);
  });

  test("is ln(K + 1) when all rows are equal", async () => {
    const flat = (rows: number) => new Float32Array(rows * D).fill(1 / Math.sqrt(D));
    const got = await evaluate(0.07, { q: flat(B), k: flat(B), n: flat(K) });
    expect(got.loss[0]).toBeCloseTo(Math.log(K + 1), 5);
  });

  test("is the same in stretches of queries, and whatever the order of the queue", async () => {
    const whole = await evaluate(0.2);
    const reversed = rowsOf(queue, D).reverse().flat();
    for (const other of [await evaluate(0.2, {}, 2), await evaluate(0.2, { n: reversed })])
      for (const name of ["loss", "accuracy", "grad/q"] as const)
        expect(relativeError(other[name], whole[name]), name).toBeLessThan(1e-5);
  });

  test("keeps its digits at both ends at temperature .05", async () => {
    const east = [1, 0, 0, 0, 0];
    const west = [-1, 0, 0, 0, 0];
    const lost = await evaluate(0.05, { q: east, k: west, n: east });
    expect(lost.loss[0]).toBeCloseTo(40, 4);
    const won = await evaluate(0.05, { q: east, k: east, n: west });
    expect(won.loss[0]! / Math.exp(-40)).toBeCloseTo(1, 3);
    expect([...lost["grad/q"], ...won["grad/q"]].every(Number.isFinite)).toBe(true);
  });

  test("counts the share of queries that are nearer to their key than to the queue", async () => {
    const q = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    const n = [0, 0.8, 0.6, 0, 0];
    const far = [1, 0.1, 0, 0, 0, 0, 1, 1, 0, 0];
    expect((await evaluate(0.2, { q, k: q, n })).accuracy[0]).toBe(1);
    expect((await evaluate(0.2, { q, k: far, n })).accuracy[0]).toBe(0.5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(0.1)).toEqual(await evaluate(0.1));
  });

  test("refuses keys and queues that do not fit the queries", () => {
    const build = (k: number[], n: number[]) => () =>
      queueInfoNce({
        queries: input("q", [3, 5]),
        keys: input("k", k),
        queue: input("n", n),
        temperature: 1,
      });
    expect(build([2, 5], [7, 5])).toThrow(/queries and keys \[B, D\], queue \[K, D\]/);
    expect(build([3, 5], [7, 4])).toThrow(/queries and keys \[B, D\], queue \[K, D\]/);
  });
});
