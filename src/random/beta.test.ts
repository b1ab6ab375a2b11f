import { describe, expect, test } from "vitest";
import { drawBeta } from "./beta.ts";
import { randomStream } from "./random-stream.ts";

const COUNT = 40_000;
function drawn(a: number, b: number): Float64Array {
  const random = randomStream(7, "beta", 0, 0);
  return Float64Array.from({ length: COUNT }, () => drawBeta(random, a, b));
}

/** E[xⁿ] = Π_{r<n} (a + r) / (a + b + r). */
function moment(a: number, b: number, n: number): number {
  return Array.from({ length: n }, (_, r) => (a + r) / (a + b + r)).reduce((x, y) => x * y);
}

describe("a draw from a Beta distribution", () => {
  test.each([
    [0.05, 0.05],
    [0.2, 0.2],
    [0.8, 0.8],
    [1, 1],
    [0.4, 2],
    [3, 7.5],
  ])("has the first four moments of Beta(%d, %d)", (a, b) => {
    const values = drawn(a, b);
    for (const n of [1, 2, 3, 4]) {
      const mean = values.reduce((sum, x) => sum + x ** n, 0) / COUNT;
      const deviation = Math.sqrt((moment(a, b, 2 * n) - moment(a, b, n) ** 2) / COUNT);
      expect(Math.abs(mean - moment(a, b, n))).toBeLessThan(4 * deviation);
    }
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  test.each([
    ["uniform", 1, 1, (x: number) => x],
    ["the arcsine", 0.5, 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    ["3x² - 2x³", 2, 2, (x: number) => 3 * x ** 2 - 2 * x ** 3],
    ["1 - (1 - x)³", 1, 3, (x: number) => 1 - (1 - x) ** 3],
  ])("has the distribution of %s", (_, a, b, cumulative) => {
    const sorted = drawn(a, b).sort();
    let largest = 0;
    for (const [rank, x] of sorted.entries())
      largest = Math.max(largest, Math.abs(cumulative(x) - (rank + 0.5) / COUNT));
    // Kolmogorov–Smirnov, 1 in 10,000.
    expect(largest * Math.sqrt(COUNT)).toBeLessThan(2.23);
  });

  test("is a number even where both Gammas vanish", () => {
    const values = drawn(1e-4, 1e-4);
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(values.filter((x) => x > 0.5).length / COUNT - 0.5)).toBeLessThan(
      4 * (0.5 / Math.sqrt(COUNT)),
    );
  });

  test("refuses parameters that are not above 0", () => {
    const random = randomStream(0, "beta", 0, 0);
    expect(() => drawBeta(random, 0, 1)).toThrow("a finite number above 0; got 0");
    expect(() => drawBeta(random, 1, Number.NaN)).toThrow("NaN");
  });
});
