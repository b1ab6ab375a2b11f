import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
import { type NearestOptions, nearest } from "./nearest.ts";

const matrix = (name: string, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: deterministic(name, rows * cols),
});
const rowsOf = ({ rows, cols, data }: Matrix) =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
const fromRows = (rows: number[][]): Matrix => ({
  rows: rows.length,
  cols: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
});

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]!));

/** All pairs in double precision, sorted whole. */
function bruteForce({ queries, gallery, k, metric = "cosine", excludeSelf = false }: NearestOptions) {
  const candidates = rowsOf(gallery);
  const found = rowsOf(queries).map((query, i) =>
    candidates
      .map((row, index) => ({
        index,
        score: metric === "cosine" ? cosine(query, row) : distance(query, row),
      }))
      .filter(({ index }) => !(excludeSelf && index === i))
      .sort((a, b) => (metric === "cosine" ? b.score - a.score : a.score - b.score) || a.index - b.index)
      .slice(0, k),
  );
  return { indices: found.flat().map((m) => m.index), scores: found.flat().map((m) => m.score) };
}

async function expectBruteForce(options: NearestOptions): Promise<void> {
  const [found, expected] = [await nearest(options), bruteForce(options)];
  expect(Array.from(found.indices)).toEqual(expected.indices);
  for (const [i, score] of expected.scores.entries()) expect(found.scores[i]).toBeCloseTo(score, 5);
}

describe("nearest", () => {
  const [queries, gallery] = [matrix("queries", 37, 12), matrix("gallery", 301, 12)];

  test.each(["cosine", "euclidean"] as const)(
    "finds what comparing all with all finds (%s)",
    async (metric) => {
      await expectBruteForce({ queries, gallery, k: 9, metric });
      await expectBruteForce({ queries: gallery, gallery, k: 9, metric, excludeSelf: true });
      await expectBruteForce({ queries, gallery, k: 301, metric });
    },
  );

  test("gives the same answer whatever the chunk", async () => {
    for (const metric of ["cosine", "euclidean"] as const) {
      const options = { queries: gallery, gallery, k: 17, metric, excludeSelf: true };
      const whole = await nearest(options);
      for (const chunk of [7, 64, 100, 150, 300, 301, 5000]) {
        const { indices, scores } = await nearest({ ...options, chunk });
        expect(indices).toEqual(whole.indices);
        for (const [i, score] of whole.scores.entries()) expect(scores[i]).toBeCloseTo(score, 6);
      }
    }
  });

  test("gives the same answer whatever the number of query blocks", async () => {
    // 70,000 gallery rows at once leave room for 64 queries in a run: two runs for 100.
    const large = matrix("large", 70_000, 3);
    const hundred = matrix("hundred", 100, 3);
    const whole = await nearest({ queries: hundred, gallery: large, k: 3, chunk: 70_000 });
    const parts = await nearest({ queries: hundred, gallery: large, k: 3, chunk: 2_000 });
    expect(parts.indices).toEqual(whole.indices);
    const last = { rows: 1, cols: 3, data: hundred.data.subarray(99 * 3) };
    const alone = bruteForce({ queries: last, gallery: large, k: 3 });
    expect(Array.from(whole.indices.subarray(99 * 3))).toEqual(alone.indices);
  });

  test("puts the lower row first among equally near ones, within and across chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<number[]>([1, 0], [0, 1], [1, 1], [-1, 2]), { minLength: 2, maxLength: 18 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom("cosine" as const, "euclidean" as const),
        fc.boolean(),
        async (rows, chunk, metric, excludeSelf) => {
          const gallery = fromRows(rows);
          const k = Math.min(5, rows.length - 1);
          const options = { queries: gallery, gallery, k, metric, excludeSelf };
          const { indices } = await nearest({ ...options, chunk });
          // The scores of these rows differ by more than rounding, so ties are exactly the equal rows.
          const tiesByIndex = rows.map((query, i) => {
            const key = (row: number[]) =>
              Math.fround(metric === "cosine" ? -cosine(query, row) : distance(query, row));
            const others = rows.map((row, index) => ({ index, key: key(row) }));
            const kept = others.filter(({ index }) => !(excludeSelf && index === i));
            return kept.sort((a, b) => a.key - b.key || a.index - b.index).slice(0, k);
          });
          expect(Array.from(indices)).toEqual(tiesByIndex.flat().map((m) => m.index));
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  test("does not find a query by itself even among its duplicates", async () => {
    const same = fromRows(Array.from({ length: 6 }, () => [0.6, 0.8]));
    const { indices } = await nearest({ queries: same, gallery: same, k: 2, excludeSelf: true, chunk: 2 });
    expect(Array.from(indices)).toEqual([1, 2, 0, 2, 0, 1, 0, 1, 0, 1, 0, 1]);
  });

  test("finds and measures neighbours far from the origin as exactly as near it", async () => {
    const far = matrix("far", 200, 3);
    // Steps of 2^-10 around 8,192 are exact in float32; squared norms of 2e8 are not.
    far.data = far.data.map((value) => 8192 + Math.round(value * 1024) / 1024);
    await expectBruteForce({ queries: far, gallery: far, k: 3, metric: "euclidean", excludeSelf: true });
  });

  test("gives a zero row the similarity 0", async () => {
    const gallery = fromRows([
      [0, 0],
      [1, 0],
      [-1, 0],
    ]);
    const { indices, scores } = await nearest({ queries: fromRows([[1, 0]]), gallery, k: 3 });
    expect(Array.from(indices)).toEqual([1, 0, 2]);
    expect(Array.from(scores)).toEqual([1, 0, -1]);
  });

  test("searches 200,000 rows in little more memory than they take", async () => {
    const bank = matrix("bank", 200_000, 64);
    const [low, row] = [matrix("few", 64, 64), 123_456];
    low.data.set(bank.data.subarray(row * 64, (row + 1) * 64), 5 * 64);
    const before = process.memoryUsage().rss;
    const { indices, scores } = await nearest({ queries: low, gallery: bank, k: 10 });
    expect(indices[5 * 10]).toBe(row);
    expect(scores[5 * 10]).toBeCloseTo(1, 5);
    // The scores of all pairs would be 51 MB, and with the runtime's copies and indices over 200 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test("refuses what cannot be searched, and says why", async () => {
    const self = { queries: gallery, gallery, k: 301, excludeSelf: true };
    await expect(nearest(self)).rejects.toThrow(
      "k is out of range; expected an integer from 1 to 300; got 301",
    );
    await expect(nearest({ queries, gallery, k: 0 })).rejects.toThrow("k is out of range");
    await expect(nearest({ queries, gallery, k: 1, chunk: 0 })).rejects.toThrow("chunk is out of range");
    await expect(nearest({ queries, gallery, k: 1, excludeSelf: true })).rejects.toThrow("301 queries");
    await expect(nearest({ queries: matrix("a", 3, 5), gallery, k: 1 })).rejects.toThrow("the same encoder");
    await expect(nearest({ queries: { ...queries, rows: 36 }, gallery, k: 1 })).rejects.toThrow(
      "the queries",
    );
    const broken = fromRows([
      [1, 2],
      [3, Number.NaN],
    ]);
    await expect(nearest({ queries: broken, gallery: broken, k: 1 })).rejects.toThrow("row 1, column 1");
  });
});
