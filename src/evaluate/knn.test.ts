import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { rankingsOf } from "../../test/support/orders.ts";
import type { Matrix } from "../formats/matrix.ts";
import { type KnnOptions, knn } from "./knn.ts";

const [BANK, QUERIES, WIDTH, CLASSES] = [120, 40, 6, 4];
const classOf = (row: number) => (row * 7 + 1) % CLASSES;
const labels = (rows: number) => Int32Array.from({ length: rows }, (_, row) => classOf(row));

/** Rows around a centre for each class, with enough noise for classes to overlap. */
function features(name: string, rows: number): Matrix {
  const centres = deterministic("centres", CLASSES * WIDTH);
  const data = deterministic(name, rows * WIDTH);
  for (let i = 0; i < data.length; i++) {
    data[i]! += centres[classOf(Math.floor(i / WIDTH)) * WIDTH + (i % WIDTH)]!;
  }
  return { rows, cols: WIDTH, data };
}

const set: KnnOptions = {
  bank: features("bank", BANK),
  bankLabels: labels(BANK),
  queries: features("queries", QUERIES),
  queryLabels: labels(QUERIES),
  k: [1, 10, 50],
  temperature: 0.07,
};

/** A set in which every row is a query. */
const own = (bank: Matrix, bankLabels: Int32Array) => ({
  bank,
  bankLabels,
  queries: bank,
  queryLabels: bankLabels,
});

/** Section 3.4 of InstDisc, in loops: w_c = Σ_{i in N_k} exp(s_i / τ)·1(c_i = c). */
function plainKnn({ bank, bankLabels, queries, temperature, excludeSelf }: KnnOptions, k: number): number[] {
  const row = ({ cols, data }: Matrix, i: number) => Array.from(data.subarray(i * cols, (i + 1) * cols));
  return Array.from({ length: queries.rows }, (_, q) => {
    const similarities = Array.from({ length: bank.rows }, (_, b) => {
      const [x, y] = [row(queries, q), row(bank, b)];
      const inner = x.reduce((sum, value, i) => sum + value * y[i]!, 0);
      return { b, s: inner / Math.hypot(...x) / Math.hypot(...y) };
    });
    const nearest = similarities.filter(({ b }) => !(excludeSelf && b === q)).sort((x, y) => y.s - x.s);
    const votes = new Array<number>(CLASSES).fill(0);
    for (const { b, s } of nearest.slice(0, k)) votes[bankLabels[b]!]! += Math.exp(s / temperature);
    return votes.indexOf(Math.max(...votes));
  });
}

describe("knn", () => {
  test("predicts what weighted votes written as loops predict, for every k in one search", async () => {
    const { predictions, accuracy, used } = await knn(set);
    expect([...predictions.keys()]).toEqual([1, 10, 50]);
    for (const [k, predicted] of predictions) {
      const plain = plainKnn(set, k);
      expect(Array.from(predicted)).toEqual(plain);
      const right = plain.filter((label, row) => label === classOf(row)).length;
      expect(accuracy.get(k)).toBe(right / QUERIES);
      expect(used.get(k)).toBe(k);
    }
    // The set is neither trivial nor hopeless, and k matters; otherwise the comparison above would show
    // nothing.
    expect(accuracy.get(50)).toBeGreaterThan(0.5);
    expect(accuracy.get(50)).toBeLessThan(1);
    expect(predictions.get(1)).not.toEqual(predictions.get(50));
  });

  test("leaves a row's own vote out when the bank is the queries", async () => {
    const own = { ...set, queries: set.bank, queryLabels: set.bankLabels, k: 1 };
    expect((await knn(own)).accuracy.get(1)).toBe(1);
    const { predictions, accuracy } = await knn({ ...own, excludeSelf: true });
    expect(accuracy.get(1)).toBeLessThan(1);
    expect(Array.from(predictions.get(1)!)).toEqual(plainKnn({ ...own, excludeSelf: true }, 1));
  });

  test("lets near neighbours outvote many far ones at a low temperature and not at a high one", async () => {
    const bank = { rows: 3, cols: 2, data: Float32Array.of(1, 0, 0.6, 0.8, 0.6, 0.8) };
    const options = {
      bank,
      bankLabels: [1, 0, 0],
      queries: { rows: 1, cols: 2, data: Float32Array.of(1, 0) },
      k: 3,
    };
    // Votes e^(1/T) against 2·e^(0.6/T): they balance at T = 0.4 / ln 2 = 0.577.
    expect((await knn({ ...options, temperature: 0.57 })).predictions.get(3)).toEqual(Int32Array.of(1));
    expect((await knn({ ...options, temperature: 0.59 })).predictions.get(3)).toEqual(Int32Array.of(0));
  });

  test("survives a temperature at which exp(1/T) overflows", async () => {
    const cold = await knn({ ...set, k: 50, temperature: 1e-4 });
    // At zero temperature only the nearest has a vote.
    expect(cold.predictions.get(50)).toEqual((await knn({ ...set, k: 1 })).predictions.get(1));
  });

  test("clamps k to the bank and says so", async () => {
    const { used, predictions } = await knn({ ...set, k: [50, 200] });
    expect([...used]).toEqual([
      [50, 50],
      [200, BANK],
    ]);
    expect(Array.from(predictions.get(200)!)).toEqual(plainKnn(set, BANK));
    const own = { ...set, queries: set.bank, queryLabels: set.bankLabels, k: 200, excludeSelf: true };
    expect((await knn(own)).used.get(200)).toBe(BANK - 1);
  });

  test("gives the same predictions in any chunks and on any number of threads", async () => {
    const whole = await knn(set);
    for (const chunk of [1, 13, 64]) expect(await knn({ ...set, chunk, threads: 1 })).toEqual(whole);
  });

  test("has no accuracy without labels, and takes classes the bank lacks as wrong", async () => {
    const { queryLabels: _, ...unlabelled } = set;
    expect((await knn(unlabelled)).accuracy.size).toBe(0);
    const strangers = new Int32Array(QUERIES).fill(CLASSES + 3);
    expect((await knn({ ...set, queryLabels: strangers, k: 5 })).accuracy.get(5)).toBe(0);
  });

  test("refuses labels and settings that do not fit", async () => {
    await expect(knn({ ...set, bankLabels: labels(3) })).rejects.toMatchObject({ code: "evaluate/labels" });
    await expect(knn({ ...set, queryLabels: new Int32Array(QUERIES).fill(-1) })).rejects.toThrow(
      "not a class",
    );
    await expect(knn({ ...set, classes: 3 })).rejects.toThrow("from 0 to 2");
    await expect(knn({ ...set, k: 0 })).rejects.toMatchObject({ code: "usage/value" });
    await expect(knn({ ...set, k: [] })).rejects.toMatchObject({ code: "usage/value" });
    await expect(knn({ ...set, temperature: 0 })).rejects.toThrow("temperature");
  });

  test("by Euclidean distance gives all neighbours one vote, and a draw to the nearest", async () => {
    const line = (...data: number[]): Matrix => ({
      rows: data.length,
      cols: 1,
      data: Float32Array.from(data),
    });
    const asked = {
      bank: line(0, 1, 1.1, 5, 6),
      bankLabels: [2, 0, 0, 1, 1],
      queries: line(0.2, 5.4),
      temperature: 0.07,
      metric: "euclidean" as const,
    };
    const { predictions } = await knn({ ...asked, k: [1, 2, 3, 5] });
    expect(Object.fromEntries(predictions)).toEqual({
      1: Int32Array.of(2, 1),
      2: Int32Array.of(2, 1),
      3: Int32Array.of(0, 1),
      5: Int32Array.of(0, 1),
    });
  });

  test("shares the places that are left among equals, as all their orders do on average", async () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 2,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 5 }), async (bankRows, k) => {
        const cosines = bankRows.map(([place]) => [0.9, 0.5, 0.2][place]!);
        const bank = {
          rows: cosines.length,
          cols: 2,
          data: Float32Array.from(cosines.flatMap((c) => [c, Math.sqrt(1 - c * c)])),
        };
        const bankLabels = bankRows.map(([, label]) => label);
        const voters = Math.min(k, cosines.length);
        const orders = rankingsOf(cosines);
        const votes = [0, 1, 2].map(
          (label) =>
            orders.reduce((sum, order) => {
              const own = order.slice(0, voters).filter((row) => bankLabels[row] === label);
              return sum + own.reduce((heard, row) => heard + Math.exp(cosines[row]! / 0.5), 0);
            }, 0) / orders.length,
        );
        const queries = { rows: 1, cols: 2, data: Float32Array.of(1, 0) };
        const { predictions } = await knn({ bank, bankLabels, queries, k, temperature: 0.5 });
        expect(votes[predictions.get(k)![0]!]).toBeCloseTo(Math.max(...votes), 4);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test.each(["cosine", "euclidean"] as const)("is chance for constant features by %s", async (metric) => {
    const constant = (rows: number) => ({ rows, cols: 5, data: new Float32Array(rows * 5).fill(0.3) });
    const options = { queries: constant(30), k: [1, 20], temperature: 0.07, metric, classes: 3 };
    const queryLabels = Int32Array.from({ length: 30 }, (_, row) => row % 3);
    // Classes in the order of rows: an algorithm that takes the first of equals predicts the first class.
    const equal = Int32Array.from({ length: 90 }, (_, row) => Math.floor(row / 30));
    const shared = await knn({ ...options, bank: constant(90), bankLabels: equal, queryLabels });
    for (const accuracy of shared.accuracy.values()) expect(accuracy).toBeCloseTo(1 / 3, 12);
    expect(shared.correct.get(20)!.every((share) => share === 1 / 3)).toBe(true);
    // With one more picture, the last class is the most frequent.
    const bankLabels = Int32Array.of(...equal, 2);
    const { predictions } = await knn({ ...options, bank: constant(91), bankLabels });
    for (const predicted of predictions.values()) expect(new Set(predicted)).toEqual(new Set([2]));
    // Without the query itself, its class is rarer than the others.
    const alone = await knn({ ...options, ...own(constant(90), equal), excludeSelf: true });
    expect([...alone.accuracy.values()]).toEqual([0, 0]);
  });

  test("does not depend on the order of the bank where many rows are equal", async () => {
    const place = Array.from({ length: 90 }, (_, row) => (row * row) % 3);
    const bankLabels = place.map((at, row) => (row % 7 === 0 ? 3 : at));
    const bank = { rows: 90, cols: 2, data: Float32Array.from(place.flatMap((at) => [1, at])) };
    const backwards = { ...bank, data: Float32Array.from(place.toReversed().flatMap((at) => [1, at])) };
    for (const metric of ["cosine", "euclidean"] as const) {
      const asked = { k: [1, 7, 40], temperature: 0.07, metric };
      const queries = { rows: 3, cols: 2, data: Float32Array.of(1, 0, 1, 1.2, 1, 3) };
      const forth = await knn({ ...asked, queries, bank, bankLabels });
      const back = await knn({ ...asked, queries, bank: backwards, bankLabels: bankLabels.toReversed() });
      expect(back.predictions).toEqual(forth.predictions);
    }
  });

  test("sees the same at scales of 1e20, 1e-20 and beyond", async () => {
    const times = (matrix: Matrix, scale: number) => ({ ...matrix, data: matrix.data.map((x) => x * scale) });
    for (const metric of ["cosine", "euclidean"] as const) {
      const plain = await knn({ ...set, metric });
      for (const scale of [2 ** 66, 2 ** -66, 2 ** 124, 2 ** -100]) {
        const scaled = { bank: times(set.bank, scale), queries: times(set.queries, scale) };
        expect((await knn({ ...set, ...scaled, metric })).predictions).toEqual(plain.predictions);
      }
    }
  });
});
