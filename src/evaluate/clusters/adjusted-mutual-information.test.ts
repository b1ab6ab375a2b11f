import { describe, expect, test } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { adjustedMutualInformation } from "./adjusted-mutual-information.ts";
import { contingencyTable } from "./contingency-table.ts";
import { normalizedMutualInformation } from "./normalized-mutual-information.ts";

const AVERAGES = ["arithmetic", "geometric", "min", "max"] as const;
const labels = Int32Array.from({ length: 60 }, (_, row) => row % 4);

describe("adjustedMutualInformation", () => {
  test.each(AVERAGES)("with the %s mean is 0 on average over clusters by chance", (average) => {
    const scores = Array.from({ length: 400 }, (_, draw) => {
      const order = randomStream(0, "ami", 0, draw).permutation(60);
      return adjustedMutualInformation(
        contingencyTable(
          labels,
          order.map((at) => at % 7),
        ),
        average,
      );
    });
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(scores.some((score) => score < 0)).toBe(true);
    // What is not adjusted is far from 0.
    const order = randomStream(0, "ami", 0, 0).permutation(60);
    expect(
      normalizedMutualInformation(
        contingencyTable(
          labels,
          order.map((at) => at % 7),
        ),
      ),
    ).toBeGreaterThan(0.05);
  });

  test.each(AVERAGES)("with the %s mean is 1 for equal divisions, of any sizes", (average) => {
    const score = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      adjustedMutualInformation(contingencyTable(a, b), average);
    expect(
      score(
        labels,
        labels.map((label) => 9 - label),
      ),
    ).toBe(1);
    expect(score([1, 1, 1], [0, 0, 0])).toBe(1);
    expect(score([0, 1, 2], [2, 0, 1])).toBe(1);
  });

  test.each(AVERAGES)("with the %s mean is 0 for one cluster, and for a cluster a picture", (average) => {
    const one = contingencyTable([0, 0, 1, 2], [0, 0, 0, 0]);
    expect(adjustedMutualInformation(one, average)).toBeCloseTo(0, 14);
    const each = contingencyTable([0, 0, 1, 2], [0, 1, 2, 3]);
    expect(adjustedMutualInformation(each, average)).toBeCloseTo(0, 14);
  });

  test("needs counts", () => {
    expect(() => adjustedMutualInformation({ rows: 1, cols: 2, data: [0.5, 0.5] })).toThrow("needs counts");
  });
});
