import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  constantSchedule,
  cosineSchedule,
  dinoCosineSchedule,
  linearScaling,
  perEpoch,
  type Schedule,
  simclrSchedule,
  squareRootScaling,
  stepSchedule,
  warmup,
} from "./schedule.ts";
import { type ScheduleSpec, scheduleFrom } from "./schedule-spec.ts";

const values = (schedule: Schedule, count: number) =>
  Array.from({ length: count }, (_, step) => schedule(step));

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  for (const [step, value] of got.entries()) expect(value).toBeCloseTo(expected[step]!, 12);
}

describe("cosineSchedule", () => {
  test("goes from one value to the other in half a wave, and stays there", () => {
    const root = Math.SQRT1_2;
    expectClose(values(cosineSchedule({ from: 2, to: 0, steps: 4 }), 7), [2, 1 + root, 1, 1 - root, 0, 0, 0]);
  });

  test("stays between its ends and never turns, up or down", () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 200 }), (from, to, steps) => {
        const signs = values(cosineSchedule({ from, to, steps }), steps + 1)
          .map((value, step, all) => value - (all[step - 1] ?? value))
          .filter((difference) => Math.abs(difference) > 1e-9)
          .map(Math.sign);
        expect(signs.every((sign) => sign === Math.sign(to - from))).toBe(true);
      }),
    );
  });

  test("refuses no steps at all", () => {
    expect(() => cosineSchedule({ from: 1, to: 0, steps: 0 })).toThrow(/expected 1 or more; got 0/);
    expect(() => simclrSchedule({ peak: 1, steps: 10, warmupSteps: 10 })).toThrow(/shorter than the run/);
  });
});

describe("warmup", () => {
  const after = constantSchedule(8);

  test("reaches the next schedule's first value in the step after its last, as SimCLR", () => {
    expectClose(values(warmup({ start: 0, steps: 4, after }), 6), [0, 2, 4, 6, 8, 8]);
  });

  test("reaches it in its last step, if inclusive, as NumPy's linspace in DINO", () => {
    expectClose(values(warmup({ start: 2, steps: 4, after, inclusive: true }), 6), [2, 4, 6, 8, 8, 8]);
    expectClose(values(warmup({ start: 2, steps: 1, after, inclusive: true }), 3), [2, 8, 8]);
  });

  test("of no steps is the next schedule, which counts its own steps from 0", () => {
    const falling = stepSchedule({ base: 1, milestones: [1], factor: 0.5 });
    expectClose(values(warmup({ start: 0, steps: 0, after: falling }), 3), [1, 0.5, 0.5]);
    expectClose(values(warmup({ start: 0, steps: 2, after: falling }), 4), [0, 0.5, 1, 0.5]);
  });
});

describe("the other schedules", () => {
  test("stepSchedule multiplies by its factor from each milestone on", () => {
    expectClose(
      values(stepSchedule({ base: 1, milestones: [2, 4], factor: 0.1 }), 6),
      [1, 1, 0.1, 0.1, 0.01, 0.01],
    );
  });

  test("perEpoch holds its value for an epoch", () => {
    expectClose(values(perEpoch(cosineSchedule({ from: 2, to: 0, steps: 2 }), 3), 7), [2, 2, 2, 1, 1, 1, 0]);
  });

  test("dinoCosineSchedule has its base twice, and stops short of its final value", () => {
    const schedule = dinoCosineSchedule({ base: 4, final: 0, steps: 5, warmupSteps: 3, warmupStart: 2 });
    expectClose(values(schedule, 5), [2, 3, 4, 4, 2]);
  });

  test("simclrSchedule starts at 0 and has its peak once", () => {
    expectClose(values(simclrSchedule({ peak: 4, steps: 4, warmupSteps: 2 }), 5), [0, 2, 4, 2, 0]);
  });
});

describe("scaling rules", () => {
  test("scale with the batch, or with its root", () => {
    expect(linearScaling(0.3, 4096)).toBeCloseTo(4.8, 12);
    expect(linearScaling(1e-4, 1024, 512)).toBeCloseTo(2e-4, 12);
    expect(squareRootScaling(0.075, 4096)).toBeCloseTo(4.8, 12);
    expect(squareRootScaling(4e-3, 4096, 1024)).toBeCloseTo(8e-3, 12);
  });
});

describe("scheduleFrom", () => {
  const cosine = { from: 3, to: 1, steps: 5 };
  const step = { base: 2, milestones: [3], factor: 0.1 };
  test.each<[ScheduleSpec["kind"], ScheduleSpec, Schedule]>([
    ["constant", { kind: "constant", value: 0.7 }, constantSchedule(0.7)],
    ["cosine", { kind: "cosine", ...cosine }, cosineSchedule(cosine)],
    ["steps", { kind: "steps", ...step }, stepSchedule(step)],
    [
      "warmup",
      { kind: "warmup", start: 0, steps: 3, inclusive: true, after: { kind: "cosine", ...cosine } },
      warmup({ start: 0, steps: 3, inclusive: true, after: cosineSchedule(cosine) }),
    ],
    [
      "perEpoch",
      { kind: "perEpoch", stepsPerEpoch: 2, schedule: { kind: "cosine", ...cosine } },
      perEpoch(cosineSchedule(cosine), 2),
    ],
  ])("reads a %s schedule back from JSON", (_kind, spec, expected) => {
    const read = JSON.parse(JSON.stringify(spec)) as ScheduleSpec;
    expect(values(scheduleFrom(read), 12)).toEqual(values(expected, 12));
  });
});
