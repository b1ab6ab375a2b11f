import { expect, test } from "vitest";
import { contingencyTable } from "./contingency-table.ts";
import { entropy } from "./entropy.ts";
import { mutualInformation } from "./mutual-information.ts";
import { normalizedMutualInformation } from "./normalized-mutual-information.ts";

const table = { rows: 2, cols: 3, data: [5, 1, 0, 0, 2, 4] };
const [first, second] = [entropy([6, 6]), entropy([5, 3, 4])];

test.each([
  ["arithmetic", (first + second) / 2],
  ["geometric", Math.sqrt(first * second)],
  ["min", first],
  ["max", second],
] as const)("mutual information is divided by the %s mean of both entropies", (average, mean) => {
  expect(normalizedMutualInformation(table, average)).toBeCloseTo(mutualInformation(table) / mean, 14);
});

test("the arithmetic mean is meant if none is named", () => {
  expect(normalizedMutualInformation(table)).toBe(normalizedMutualInformation(table, "arithmetic"));
});

test.each(["arithmetic", "geometric", "min", "max"] as const)(
  "%s: equal divisions have 1, also of a single class, and one cluster of two classes has 0",
  (average) => {
    const score = (labels: number[], clusters: number[]) =>
      normalizedMutualInformation(contingencyTable(labels, clusters), average);
    expect(score([0, 0, 1, 2], [5, 5, 1, 0])).toBe(1);
    expect(score([3, 3, 3], [1, 1, 1])).toBe(1);
    expect(score([0, 1, 0], [0, 0, 0])).toBe(0);
  },
);
