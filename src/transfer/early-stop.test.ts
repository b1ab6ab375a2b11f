import { describe, expect, it } from "vitest";
import type { EpochRecord } from "../train/epoch-record.ts";
import { bestRecord, hasStopped, isBetter } from "./early-stop.ts";
import type { Validation } from "./validation-observer.ts";

const validation = (score: number, name = "accuracy"): Validation => ({ name, score, loss: 1, pictures: 9 });

/** Records of epochs with these scores; null for an epoch without a measurement. */
const records = (scores: readonly (number | null)[], name?: string): EpochRecord[] =>
  scores.map((score, i) => ({
    ...{ type: "epoch", epoch: i + 1, step: 3 * (i + 1), loss: 1, collapsedLoss: null, learningRate: 0.1 },
    ...{ metrics: {}, picturesPerSecond: 1, seconds: i, knn: null, health: null, warning: null },
    ...(score !== null && { validation: validation(score, name) }),
  }));

describe("isBetter", () => {
  it("takes the higher score, and of an error the lower one", () => {
    expect(isBetter(validation(0.6), validation(0.5))).toBe(true);
    expect(isBetter(validation(0.5), validation(0.5))).toBe(false);
    expect(isBetter(validation(0.5, "mAP"), validation(0.6, "mAP"))).toBe(false);
    const error = "mean absolute error";
    expect(isBetter(validation(1, error), validation(2, error))).toBe(true);
    expect(isBetter(validation(2, error), validation(1, error))).toBe(false);
  });
});

it("a score that could not be measured is worse than any other", () => {
  expect(isBetter(validation(0), validation(Number.NaN))).toBe(true);
  expect(isBetter(validation(Number.NaN), validation(0))).toBe(false);
  expect(isBetter(validation(Number.NaN), validation(Number.NaN))).toBe(false);
  expect(bestRecord(records([Number.NaN, 0.1, Number.NaN]))?.epoch).toBe(2);
});

describe("bestRecord", () => {
  it.each([
    [[0.1, 0.5, 0.4], undefined, 2],
    [[0.5, 0.5, 0.5], undefined, 1],
    [[null, 0.2, null, 0.3, null], undefined, 4],
    [[3, 1, 2, 1], "mean absolute error", 2],
  ] as const)("of the scores %j is the first of the best", (scores, name, epoch) => {
    expect(bestRecord(records(scores, name))?.epoch).toBe(epoch);
  });

  it("is none without a measurement", () => {
    expect(bestRecord(records([null, null]))).toBeUndefined();
    expect(bestRecord([])).toBeUndefined();
  });
});

describe("hasStopped", () => {
  it.each([
    [[0.1, 0.5, 0.4, 0.5], 2, true],
    [[0.1, 0.5, 0.4], 2, false],
    [[0.1, 0.5, 0.4, 0.6], 2, false],
    [[0.5, 0.4], 1, true],
    [[0.4, 0.5], 1, false],
    // Only measurements count, not epochs.
    [[0.5, null, null, null, 0.4], 2, false],
    [[0.5, null, 0.4, null, 0.4], 2, true],
    [[null, null], 1, false],
    [[], 1, false],
  ] as const)("after the scores %j with a patience of %s: %s", (scores, patience, expected) => {
    expect(hasStopped(records(scores), patience)).toBe(expected);
  });

  it("ends by an error that does not fall", () => {
    expect(hasStopped(records([3, 2, 2.5, 2.1], "mean absolute error"), 2)).toBe(true);
    expect(hasStopped(records([3, 2, 2.5, 1.9], "mean absolute error"), 2)).toBe(false);
  });
});
