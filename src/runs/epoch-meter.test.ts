import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { damagedJson } from "../../test/support/damaged.ts";
import { EpochMeter, parseEpochProgress } from "./epoch-meter.ts";

const PROGRESS = { steps: 3, sums: { loss: 4.5, accuracy: 1 }, seconds: 2 };

describe("the progress of an epoch", () => {
  it("comes back as it was, and goes on", () => {
    const before = parseEpochProgress(JSON.stringify(PROGRESS), 3);
    expect(before).toEqual(PROGRESS);
    const meter = new EpochMeter(8, before!);
    meter.add({ loss: 1.5, gradientNorm: 1, learningRate: 0.1, metrics: { accuracy: 1 } });
    expect(meter.meanLoss).toBe(1.5);
    expect(meter.progress).toMatchObject({ steps: 4, sums: { loss: 6, accuracy: 2, gradient_norm: 1 } });
    expect(meter.seconds).toBeGreaterThanOrEqual(2);
  });

  it("of another step, or none, is none", () => {
    expect(parseEpochProgress(JSON.stringify(PROGRESS), 2)).toBeNull();
    expect(parseEpochProgress(undefined, 3)).toBeNull();
  });

  it("of any text is read or none", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      damagedJson(PROGRESS).map((bytes) => new TextDecoder().decode(bytes)),
    );
    fc.assert(
      fc.property(text, (damaged) => {
        const progress = parseEpochProgress(damaged, 3);
        if (progress === null) return;
        expect(Object.values(progress.sums).every(Number.isFinite)).toBe(true);
        expect(progress.seconds).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
