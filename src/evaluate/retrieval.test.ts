import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { rankingsOf } from "../../test/support/orders.ts";
import type { Matrix } from "../formats/matrix.ts";
import { retrievalChance } from "./chance.ts";
import { labelledRetrieval, pairedRetrieval } from "./retrieval.ts";
import { scoreRows } from "./score-rows.ts";

const matrix = (name: string, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: deterministic(name, rows * cols),
});
/** Points of the unit circle at angles in degrees: cosine similarity falls with the angle between. */
const circle = (...degrees: number[]): Matrix => ({
  rows: degrees.length,
  cols: 2,
  data: Float32Array.from(
    degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]),
  ),
});

function cosine(a: Matrix, i: number, b: Matrix, j: number): number {
  const x = Array.from(a.data.subarray(i * a.cols, (i + 1) * a.cols));
  const y = Array.from(b.data.subarray(j * b.cols, (j + 1) * b.cols));
  return x.reduce((sum, value, c) => sum + value * y[c]!, 0) / Math.hypot(...x) / Math.hypot(...y);
}

/** Average precision and hits by walking down the sorted list. */
function walk(hits: boolean[]): { precision: number; first: number } {
  let [found, sum] = [0, 0];
  for (const [place, hit] of hits.entries()) if (hit) sum += ++found / (place + 1);
  return { precision: sum / found, first: hits.indexOf(true) + 1 };
}

describe("labelledRetrieval", () => {
  test("has the scores worked out by hand", async () => {
    // From 0°: others at 10 (B), 20 (A), 40 (A): found at 2 and 3, AP (1/2 + 2/3)/2 = 7/12.
    // From 10°: its only fellow is at 100°, which is last of four: AP 1/4.
    // From 20°: 10 (B) first, then at equal 20° distance rows 0 and 3, both A: AP (1/2 + 2/3)/2.
    // From 40°: 20 (A), 10 (B), 0 (A): AP (1 + 2/3)/2 = 5/6. From 100°: 40, 20, 10: AP 1/3.
    const features = circle(0, 10, 20, 40, 100);
    const result = await labelledRetrieval({ features, labels: [0, 1, 0, 0, 1], ks: [1, 2, 3, 4] });
    expect([...result.recall]).toEqual([
      [1, 1 / 5],
      [2, 3 / 5],
      [3, 4 / 5],
      [4, 1],
    ]);
    expect(result.meanAveragePrecision).toBeCloseTo((7 / 12 + 1 / 4 + 7 / 12 + 5 / 6 + 1 / 3) / 5, 12);
    expect(result.queries).toBe(5);
  });

  test("agrees with walking down every sorted list, within a set and between two", async () => {
    const features = matrix("features", 80, 5);
    const labels = Int32Array.from({ length: 80 }, (_, i) => (i * i) % 7);
    const gallery = matrix("gallery", 130, 5);
    const galleryLabels = Int32Array.from({ length: 130 }, (_, i) => (i * i) % 7);
    for (const [target, targetLabels] of [
      [features, labels],
      [gallery, galleryLabels],
    ] as const) {
      const lists = Array.from({ length: 80 }, (_, q) => {
        const order = Array.from({ length: target.rows }, (_, i) => i).filter(
          (i) => target !== features || i !== q,
        );
        order.sort((a, b) => cosine(features, q, target, b) - cosine(features, q, target, a));
        return walk(order.map((i) => targetLabels[i] === labels[q]));
      });
      const options = { features, labels, ks: [1, 3, 10], gallery: target, galleryLabels: targetLabels };
      const result = await labelledRetrieval(options);
      for (const [k, recall] of result.recall)
        expect(recall).toBeCloseTo(lists.filter(({ first }) => first <= k).length / 80, 12);
      const mean = lists.reduce((sum, { precision }) => sum + precision, 0) / 80;
      expect(result.meanAveragePrecision).toBeCloseTo(mean, 10);
      expect(mean).toBeLessThan(0.5);
    }
  });

  test("counts only queries for which there is something to find", async () => {
    const result = await labelledRetrieval({ features: circle(0, 10, 50), labels: [4, 4, 9], ks: [1] });
    expect(result.queries).toBe(2);
    expect(result.recall.get(1)).toBe(1);
    const alone = labelledRetrieval({ features: circle(0, 10), labels: [0, 1] });
    await expect(alone).rejects.toThrow("nothing to find");
  });
});

/** Rows that are repeated often, at angles that differ clearly otherwise. */
const repeated = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 })), {
  minLength: 3,
  maxLength: 6,
});

describe("retrieval with ties", () => {
  test("has the mean scores of all orders of equal rows", async () => {
    await fc.assert(
      fc.asyncProperty(repeated, async (rows) => {
        const labels = rows.map(([, label]) => label);
        if (new Set(labels).size === labels.length) return;
        const angles = rows.map(([place]) => place * 20 + 3 * place * place);
        const features = circle(...angles);
        const { recall, perQuery } = await labelledRetrieval({ features, labels, ks: [1, 2, 3] });
        const counted = labels.flatMap((label, query) => {
          const others = [...labels.keys()].filter((row) => row !== query);
          const near = others.map((row) => -Math.abs(angles[row]! - angles[query]!));
          if (!others.some((row) => labels[row] === label)) return [];
          return [rankingsOf(near).map((order) => walk(order.map((at) => labels[others[at]!] === label)))];
        });
        for (const [query, lists] of counted.entries()) {
          const precision = lists.reduce((sum, list) => sum + list.precision, 0) / lists.length;
          expect(perQuery.averagePrecision[query]).toBeCloseTo(precision, 10);
          for (const k of recall.keys()) {
            const found = lists.filter(({ first }) => first <= k).length / lists.length;
            expect(perQuery.recall.get(k)![query]).toBeCloseTo(found, 10);
          }
        }
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test.each(["cosine", "euclidean"] as const)("is chance for constant features by %s", async (metric) => {
    for (const [rows, value] of [
      [24, 1],
      [101, 0.3],
      [60, 0],
      [24, 1e20],
    ] as const) {
      const features = { rows, cols: 7, data: new Float32Array(rows * 7).fill(value) };
      const labels = Int32Array.from({ length: rows }, (_, row) => Math.floor((row * 3) / rows));
      const result = await labelledRetrieval({ features, labels, ks: [1, 5], metric });
      const chance = retrievalChance(labels, [1, 5]);
      expect(result.meanAveragePrecision).toBeCloseTo(chance.meanAveragePrecision, 12);
      for (const [k, recall] of result.recall) expect(recall).toBeCloseTo(chance.recall.get(k)!, 12);
    }
  });

  test("is chance for features of one direction, whose cosines differ by rounding", async () => {
    const direction = deterministic("direction", 512);
    const features = { rows: 600, cols: 512, data: new Float32Array(600 * 512) };
    for (let i = 0; i < features.data.length; i++) {
      features.data[i] = direction[i % 512]! * (1 + 0.37 * Math.floor(i / 512));
    }
    const labels = Int32Array.from({ length: 600 }, (_, row) => Math.floor(row / 200));
    const result = await labelledRetrieval({ features, labels, ks: [5] });
    const chance = retrievalChance(labels, [5]);
    expect(result.meanAveragePrecision).toBeCloseTo(chance.meanAveragePrecision, 12);
    expect(result.recall.get(5)).toBeCloseTo(chance.recall.get(5)!, 12);
  });

  test("does not depend on the order of rows", async () => {
    const place = [0, 0, 1, 2, 2, 2, 0, 1];
    const labels = [0, 1, 0, 1, 0, 1, 1, 0];
    const forth = await labelledRetrieval({ features: circle(...place.map((at) => 20 * at)), labels });
    const back = await labelledRetrieval({
      features: circle(...place.map((at) => 20 * at).reverse()),
      labels: labels.toReversed(),
    });
    expect(back.meanAveragePrecision).toBeCloseTo(forth.meanAveragePrecision, 12);
    for (const [k, recall] of forth.recall) expect(back.recall.get(k)).toBeCloseTo(recall, 12);
  });
});

describe("pairedRetrieval", () => {
  test("ranks each query's partner, and gives equally near rows the mean of their ranks", async () => {
    const gallery = circle(0, 30, 60, 60, 90);
    const options = { queries: circle(1, 58, 58, 2), gallery, relevant: [0, 2, 3, 4], ks: [1, 2, 4] };
    const result = await pairedRetrieval(options);
    expect(Array.from(result.ranks)).toEqual([1, 1.5, 1.5, 5]);
    expect([...result.recall.values()]).toEqual([2 / 4, 3 / 4, 3 / 4]);
    // Between two places the precision is 1 or 1/2.
    expect(result.meanAveragePrecision).toBeCloseTo((1 + 3 / 4 + 3 / 4 + 1 / 5) / 4, 12);
  });

  test("ranks by distance when asked to", async () => {
    const gallery = { rows: 2, cols: 2, data: Float32Array.of(10, 0, 1, 0.2) };
    const queries = { rows: 1, cols: 2, data: Float32Array.of(1, 0) };
    const relevant = [1];
    expect((await pairedRetrieval({ queries, gallery, relevant })).ranks[0]).toBe(2);
    expect((await pairedRetrieval({ queries, gallery, relevant, metric: "euclidean" })).ranks[0]).toBe(1);
  });

  test("refuses partners outside the gallery", async () => {
    const wrong = pairedRetrieval({ queries: circle(0), gallery: circle(0, 1), relevant: [2] });
    await expect(wrong).rejects.toThrow("from 0 to 1");
  });
});

test("scoreRows visits every query once with the same scores in any chunks", async () => {
  const [queries, gallery] = [matrix("queries", 19, 4), matrix("gallery", 50, 4)];
  for (const chunk of [3, 16, 50, 1000]) {
    const seen: number[] = [];
    await scoreRows({ queries, gallery, metric: "cosine", threads: 1, chunk }, (query, scores) => {
      seen.push(query);
      expect(scores.length).toBe(50);
      for (const [i, score] of scores.entries())
        expect(score).toBeCloseTo(cosine(queries, query, gallery, i), 5);
    });
    expect(seen).toEqual(Array.from({ length: 19 }, (_, i) => i));
  }
});
