import { describe, expect, test } from "vitest";
import { contingencyTable, sumsOf } from "./contingency-table.ts";
import { expectedMutualInformation } from "./expected-mutual-information.ts";
import { mutualInformation } from "./mutual-information.ts";

/** All orders of a few things. */
function orders(things: readonly number[]): number[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((thing, at) =>
    orders(things.filter((_, other) => other !== at)).map((rest) => [thing, ...rest]),
  );
}

const sizes = (...of: number[]) => Float64Array.from(of);

/** The published sum, with binomial coefficients as sums of logarithms. */
function published(rows: readonly number[], cols: readonly number[], total: number): number {
  const logs = [0, ...Array.from({ length: total }, (_, n) => Math.log(n + 1))];
  for (let n = 1; n <= total; n++) logs[n]! += logs[n - 1]!;
  const choose = (n: number, k: number) => logs[n]! - logs[k]! - logs[n - k]!;
  let sum = 0;
  for (const a of rows) {
    for (const b of cols) {
      for (let n = Math.max(1, a + b - total); n <= Math.min(a, b); n++) {
        const p = Math.exp(choose(b, n) + choose(total - b, a - n) - choose(total, a));
        sum += p * (n / total) * Math.log((total * n) / (a * b));
      }
    }
  }
  return sum;
}

describe("expectedMutualInformation", () => {
  test("is the mean over all orders of the pictures", () => {
    const [labels, clusters] = [
      [0, 0, 0, 1, 1, 2],
      [0, 0, 1, 1, 1, 1],
    ];
    const all = orders(clusters!).map((moved) => mutualInformation(contingencyTable(labels!, moved)));
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    expect(all).toHaveLength(720);
    expect(expectedMutualInformation(sumsOf(contingencyTable(labels!, clusters!)))).toBeCloseTo(mean, 13);
  });

  test.each([
    [[1], [1], 1],
    [[5, 3], [8], 8],
    [[40, 30, 20, 10], [25, 25, 25, 25], 100],
    [[1, 1, 1, 1], [2, 2], 4],
    [[900, 99, 1], [500, 300, 200], 1000],
  ])("is the published sum for sizes %j and %j", (rows, cols, total) => {
    const got = expectedMutualInformation({ rows: sizes(...rows), cols: sizes(...cols), total });
    expect(got).toBeCloseTo(published(rows, cols, total), 12);
  });

  test("of as many clusters as pictures is the whole entropy of the classes", () => {
    const sums = { rows: sizes(2, 3, 5), cols: new Float64Array(10).fill(1), total: 10 };
    const entropy = -[0.2, 0.3, 0.5].reduce((sum, p) => sum + p * Math.log(p), 0);
    expect(expectedMutualInformation(sums)).toBeCloseTo(entropy, 13);
  });

  test("of a million pictures tends to (R - 1)(C - 1) / 2N", () => {
    const sums = { rows: sizes(500_000, 500_000), cols: sizes(400_000, 300_000, 300_000), total: 1_000_000 };
    expect(expectedMutualInformation(sums) * 1e6).toBeCloseTo(1, 4);
  });
});
