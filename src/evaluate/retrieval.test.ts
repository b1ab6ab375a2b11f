import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../data/matrix.ts";
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
    // From 20°: 10 (B) first, then at equal 20° distance row 0 before row 3: AP (1/2 + 2/3)/2.
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
    await expect(alone).rejects.toThrow("nothing to retrieve");
  });
});

describe("pairedRetrieval", () => {
  test("ranks each query's partner, and of equally near rows the lower first", async () => {
    const gallery = circle(0, 30, 60, 60, 90);
    const options = { queries: circle(1, 58, 58, 2), gallery, relevant: [0, 2, 3, 4], ks: [1, 2, 4] };
    const result = await pairedRetrieval(options);
    expect(Array.from(result.ranks)).toEqual([1, 1, 2, 5]);
    expect([...result.recall.values()]).toEqual([2 / 4, 3 / 4, 3 / 4]);
    expect(result.meanAveragePrecision).toBeCloseTo((1 + 1 + 1 / 2 + 1 / 5) / 4, 12);
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
