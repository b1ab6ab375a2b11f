import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total, unitRows } from "../../test/support/rows.ts";
import { input, split } from "../tensor/index.ts";
import { type InfoNceOptions, infoNce, infoNceWithAccuracy } from "./info-nce.ts";

const [B, C, D] = [4, 7, 5];
const queries = deterministic("info-nce.q", B * D);
const candidates = deterministic("info-nce.c", C * D);

/** CPC, equation 4: query i against all candidates, candidate i being its own. */
function equation4(q: ArrayLike<number>, c: ArrayLike<number>, temperature: number, cosine: boolean): number {
  const prepare = (values: ArrayLike<number>) => (cosine ? unitRows(rowsOf(values, D)) : rowsOf(values, D));
  const all = prepare(c);
  const terms = prepare(q).map((query, i) => {
    const scores = all.map((candidate) => Math.exp(dot(query, candidate) / temperature));
    return -Math.log(scores[i]! / total(scores));
  });
  return average(terms);
}

function evaluate(
  options: InfoNceOptions,
  q: ArrayLike<number> = queries,
  c: ArrayLike<number> = candidates,
) {
  const inputs = { q: leaf(q, q.length / D, D), c: leaf(c, c.length / D, D) };
  return evaluateLoss(inputs, (tensors) => ({ ...infoNceWithAccuracy(tensors.q, tensors.c, options) }));
}

describe("infoNce", () => {
  test.each([
    { temperature: 0.05, normalize: true },
    { temperature: 0.5, normalize: true },
    { temperature: 1, normalize: false },
  ])("is equation 4 in value and both gradients, with %o", async (options) => {
    const got = await evaluate(options);
    const byQ = (q: readonly number[]) => equation4(q, candidates, options.temperature, options.normalize);
    const byC = (c: readonly number[]) => equation4(queries, c, options.temperature, options.normalize);
    expect(relativeError(got.loss, [byC(Array.from(candidates))])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/q"], finiteDifferences(byQ, queries))).toBeLessThan(1e-4);
    expect(relativeError(got["grad/c"], finiteDifferences(byC, candidates))).toBeLessThan(1e-4);
  });

  test("is the same with the candidates in blocks, and in stretches of queries", async () => {
    const whole = await evaluate({ temperature: 0.2 });
    const inputs = { q: leaf(queries, B, D), c: leaf(candidates, C, D) };
    const blocks = await evaluateLoss(inputs, ({ q, c }) => ({
      ...infoNceWithAccuracy(q, split(c, 0, [B, C - B]), { temperature: 0.2 }),
    }));
    for (const other of [blocks, await evaluate({ temperature: 0.2, rowsAtOnce: 3 })])
      for (const name of ["loss", "accuracy", "grad/q", "grad/c"] as const)
        expect(relativeError(other[name], whole[name]), name).toBeLessThan(1e-5);
  });

  test("is ln C when all rows are equal", async () => {
    const got = await evaluate(
      { temperature: 0.1 },
      new Float32Array(B * D).fill(0.7),
      new Float32Array(C * D).fill(2),
    );
    expect(got.loss[0]).toBeCloseTo(Math.log(C), 5);
  });

  test("does not change with the order of the negatives or the length of a row, but with that of the positives", async () => {
    const { loss } = await evaluate({ temperature: 0.2 });
    const row = (i: number) => Array.from(candidates.subarray(i * D, (i + 1) * D));
    const reordered = [0, 1, 2, 3, 6, 4, 5].flatMap(row);
    const scaled = [0, 1, 2, 3, 4, 5, 6].flatMap((i) => row(i).map((value) => value * (i + 0.5)));
    for (const other of [reordered, scaled])
      expect((await evaluate({ temperature: 0.2 }, queries, other)).loss[0]).toBeCloseTo(loss[0]!, 5);
    const mismatched = [1, 0, 2, 3, 4, 5, 6].flatMap(row);
    const other = await evaluate({ temperature: 0.2 }, queries, mismatched);
    expect(Math.abs(other.loss[0]! - loss[0]!)).toBeGreaterThan(1e-3);
  });

  test("keeps its digits where the positive is opposite and a negative equal, at temperature .05", async () => {
    const q = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    const c = [-1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    const got = await evaluate({ temperature: 0.05 }, q, c);
    expect(got.loss[0]).toBeCloseTo(40, 4);
    expect([...got["grad/q"], ...got["grad/c"]].every(Number.isFinite)).toBe(true);
  });

  test("counts the share of queries whose positive is the nearest candidate", async () => {
    const axes = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    const turned = [0.1, 1, 0, 0, 0, 0, 1, 0, 0, 0];
    expect((await evaluate({ temperature: 0.5 }, axes, axes)).accuracy[0]).toBe(1);
    expect((await evaluate({ temperature: 0.5 }, axes, turned)).accuracy[0]).toBe(1);
    expect((await evaluate({ temperature: 0.5 }, axes, [...turned, 1, 0, 0, 0, 0])).accuracy[0]).toBe(0.5);
  });

  test("hands its gradient to a learned temperature", async () => {
    const inputs = { q: leaf(queries, B, D), c: leaf(candidates, C, D), temperature: leaf([0.3]) };
    const got = await evaluateLoss(inputs, ({ q, c, temperature }) => ({
      loss: infoNce(q, c, { temperature }),
    }));
    const formula = ([temperature]: readonly number[]) => equation4(queries, candidates, temperature!, true);
    expect(relativeError(got["grad/temperature"], finiteDifferences(formula, [0.3]))).toBeLessThan(1e-4);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate({ temperature: 0.1 })).toEqual(await evaluate({ temperature: 0.1 }));
  });

  test("refuses candidates that are too few or of another width", () => {
    const refused = /queries \[B, D\] and at least B candidates \[C, D\]/;
    const q = input("q", [4, 5]);
    for (const shapes of [
      [[3, 5]],
      [[4, 6]],
      [
        [3, 5],
        [1, 5],
      ],
      [
        [4, 5],
        [1, 6],
      ],
      [],
    ]) {
      const blocks = shapes.map((shape, i) => input(`c${i}`, shape));
      expect(() => infoNce(q, blocks, { temperature: 1 })).toThrow(refused);
    }
  });
});
