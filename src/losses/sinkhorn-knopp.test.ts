import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { columnsOf, type Matrix, rowsOf, softmaxOf, total } from "../../test/support/rows.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gradients, input, mul, sum } from "../tensor/index.ts";
import { sinkhornKnopp } from "./sinkhorn-knopp.ts";

const [R, K] = [9, 4];
const scores = deterministic("sinkhorn", R * K);

/** `distributed_sinkhorn` for one device, its loops written out. */
function authorsLoops(values: ArrayLike<number>, epsilon: number, iterations: number): number[] {
  let q = rowsOf(values, K).map((row) => row.map((score) => Math.exp(score / epsilon)));
  const everything = total(q.flat());
  q = q.map((row) => row.map((value) => value / everything));
  for (let i = 0; i < iterations; i++) {
    const prototypes = columnsOf(q).map(total);
    q = q.map((row) => row.map((value, k) => value / prototypes[k]! / K));
    q = q.map((row) => row.map((value) => value / total(row) / q.length));
  }
  return q.flat().map((value) => value * q.length);
}

interface Settings {
  epsilon?: number;
  iterations?: number;
  shape?: readonly number[];
  counted?: readonly number[];
}

async function evaluate(values: Float32Array, settings: Settings = {}) {
  const { epsilon = 0.05, iterations = 3, shape = [values.length / K, K], counted } = settings;
  const q = sinkhornKnopp(input("x", shape), {
    epsilon: input("epsilon", []),
    iterations,
    ...(counted ? { counted: constant(counted, shape.slice(0, -1)) } : {}),
  });
  const got = await runTwice(compile({ q }), { x: values, epsilon: Float32Array.of(epsilon) });
  return Array.from(got.q as Float32Array);
}

describe("sinkhornKnopp", () => {
  test.each([1, 3, 10])("is the authors' loops with %i iterations", async (iterations) => {
    const got = await evaluate(scores, { iterations });
    expect(relativeError(got, authorsLoops(scores, 0.05, iterations))).toBeLessThan(1e-5);
  });

  test("is finite and right for scores whose exponentials no float32 holds", async () => {
    const large = scores.map((value) => 12 * value);
    expect(relativeError(await evaluate(large), authorsLoops(large, 0.05, 3))).toBeLessThan(1e-4);
    const largest = await evaluate(scores.map((value) => 1e4 * value));
    expect(largest.every(Number.isFinite)).toBe(true);
    for (const row of rowsOf(largest, K)) expect(total(row)).toBeCloseTo(1, 5);
  });

  test("gives rows that add up to 1 and, in the end, prototypes with equal shares", async () => {
    const q = rowsOf(await evaluate(scores, { epsilon: 0.3, iterations: 100 }), K);
    for (const row of q) expect(total(row)).toBeCloseTo(1, 5);
    for (const prototype of columnsOf(q)) expect(total(prototype)).toBeCloseTo(R / K, 4);
  });

  test("does not change when a prototype's scores, or all, are larger by a number", async () => {
    const shifted = scores.map((value, i) => value + [0.3, -1, 0, 2][i % K]!);
    expect(relativeError(await evaluate(shifted), await evaluate(scores))).toBeLessThan(1e-4);
  });

  test("is uniform for equal scores, and the softmax of a matrix whose rows and columns agree", async () => {
    for (const value of await evaluate(new Float32Array(R * K).fill(0.4)))
      expect(value).toBeCloseTo(1 / K, 6);
    const cycle = [0.1, 0.2, 0.15, -0.1];
    const circulant: Matrix = cycle.map((_, i) => cycle.map((_, k) => cycle[(k - i + K) % K]!));
    const expected = circulant.flatMap((row) => softmaxOf(row, 0.05));
    expect(relativeError(await evaluate(Float32Array.from(circulant.flat())), expected)).toBeLessThan(1e-5);
  });

  test("assigns matrices one by one", async () => {
    const both = Float32Array.from([...scores, ...scores.toReversed()]);
    const expected = [...(await evaluate(scores)), ...(await evaluate(scores.toReversed()))];
    expect(relativeError(await evaluate(both, { shape: [2, R, K] }), expected)).toBeLessThan(1e-6);
  });

  test("passes over rows that do not count, whatever their scores", async () => {
    const counted = [1, 0, 1, 1, 0, 1, 1, 1, 0];
    const others = scores.map((value, i) => (counted[Math.floor(i / K)] === 1 ? value : 50 + i));
    const kept = (q: readonly number[]) => rowsOf(q, K).filter((_, r) => counted[r] === 1);
    const alone = await evaluate(Float32Array.from(kept(Array.from(scores)).flat()));
    const among = await evaluate(others, { counted });
    expect(relativeError(kept(among).flat(), alone)).toBeLessThan(1e-5);
    expect((await evaluate(scores, { counted: counted.map(() => 0) })).every(Number.isFinite)).toBe(true);
  });

  test("passes no gradient, and gives the same bits again", async () => {
    const x = input("x", [R, K]);
    const loss = sum(mul(x, sinkhornKnopp(x, { epsilon: 0.05 })));
    const q = sinkhornKnopp(x, { epsilon: 0.05 });
    const got = await runOnce(compile({ q, gx: gradients(loss, [x])[0]! }), { x: scores });
    expect(got.gx).toEqual(got.q); // of the product's first factor only
    expect(await evaluate(scores)).toEqual(await evaluate(scores));
  });

  test("refuses a vector, rows to count that do not fit, and other than whole iterations from 1", () => {
    const x = input("x", [R, K]);
    expect(() => sinkhornKnopp(input("v", [R]), { epsilon: 1 })).toThrow(/scores \[…, R, K\]/);
    expect(() => sinkhornKnopp(x, { epsilon: 1, counted: input("c", [K]) })).toThrow(/counted \[…, R\]/);
    for (const iterations of [0, 1.5])
      expect(() => sinkhornKnopp(x, { epsilon: 1, iterations })).toThrow(/number of iterations/);
  });
});
