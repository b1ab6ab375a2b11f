import { expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { fitTemperature } from "./fit-temperature.ts";
import { negativeLogLikelihood } from "./negative-log-likelihood.ts";

const [ROWS, CLASSES] = [60, 4];
const labels = Array.from({ length: ROWS }, (_, row) => row % CLASSES);
const data = deterministic("fit.logits", ROWS * CLASSES, 4).map((z, at) =>
  at % CLASSES === labels[Math.floor(at / CLASSES)] ? z + 2 : z,
);
const logits = { rows: ROWS, cols: CLASSES, data };

test("no temperature near the one found is better", () => {
  const { temperature, before, after } = fitTemperature(labels, logits);
  for (const factor of [0.98, 1.02])
    expect(negativeLogLikelihood(labels, logits, temperature * factor)).toBeGreaterThan(after);
  expect(after).toBeLessThan(before);
});

test("logits of three times the size have three times the temperature", () => {
  const tripled = fitTemperature(labels, { ...logits, data: data.map((z) => 3 * z) });
  expect(tripled.temperature / fitTemperature(labels, logits).temperature).toBeCloseTo(3, 5);
});

test("a temperature beyond the range is the end of it, and said", () => {
  const right = { rows: 2, cols: 2, data: Float32Array.of(60, 0, 0, 60) };
  expect(fitTemperature([0, 1], right)).toMatchObject({ temperature: 0.05, isAtBound: true, after: 0 });
  expect(fitTemperature([1, 0], right)).toMatchObject({ temperature: 20, isAtBound: true });
});

test("logits that say nothing keep the temperature 1", () => {
  const flat = { rows: 2, cols: 2, data: Float32Array.of(3, 3, 5, 5) };
  const { temperature, after, isAtBound } = fitTemperature([0, 1], flat);
  expect([temperature, isAtBound]).toEqual([1, false]);
  expect(after).toBeCloseTo(Math.LN2, 12);
});
