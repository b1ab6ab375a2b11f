import { describe, expect, test } from "vitest";
import { tinyConfig } from "../../test/support/tiny-run.ts";
import { type Pace, type PaceOptions, paceOf } from "./pace.ts";

const STEPS_PER_EPOCH = 10;

/**
 * A run of `epochs`, each of which takes `secondsOf(epoch)` seconds, as the loop of a session asks its pace.
 */
function run(
  minutes: number,
  epochs: number,
  secondsOf: (epoch: number) => number,
  more: Partial<PaceOptions> = {},
) {
  let seconds = 0;
  const now = () => 1000 * seconds;
  const config = { ...tinyConfig({}), minutes };
  const pace: Pace = paceOf(config, { startedAt: 0, secondsBefore: 0, step: 0, now, ...more })!;
  let steps = epochs * STEPS_PER_EPOCH;
  const notes: string[] = [];
  const decided: number[] = [];
  let step = 0;
  while (step < steps) {
    const before = step;
    step = Math.min(steps, step + STEPS_PER_EPOCH);
    seconds += (secondsOf(before / STEPS_PER_EPOCH) * (step - before)) / STEPS_PER_EPOCH;
    if (step === steps) break;
    const decision = pace.decide({
      step,
      steps,
      scheduledSteps: epochs * STEPS_PER_EPOCH,
      stepsPerEpoch: STEPS_PER_EPOCH,
    });
    if (decision?.note) notes.push(decision.note);
    if (decision?.epochs) {
      decided.push(decision.epochs);
      steps = Math.round(decision.epochs * STEPS_PER_EPOCH);
    }
  }
  return { minutes: seconds / 60, epochs: step / STEPS_PER_EPOCH, decided, notes };
}

describe("paceOf", () => {
  test("is none for a run without minutes", () => {
    expect(paceOf(tinyConfig({}), { startedAt: 0, secondsBefore: 0, step: 0 })).toBeNull();
  });

  test("keeps the epochs of a run that ends in time, or nearly", () => {
    for (const seconds of [3, 5, 6, 6.2])
      expect(run(10, 100, () => seconds)).toMatchObject({ epochs: 100, decided: [], notes: [] });
  });

  test("ends in time on a machine that becomes four times slower half way", () => {
    const result = run(10, 100, (epoch) => (epoch < 50 ? 6 : 24));
    expect(result.minutes).toBeGreaterThan(9);
    expect(result.minutes).toBeLessThan(11);
    expect(result.epochs).toBeGreaterThan(60);
    expect(result.notes[0]).toMatch(
      /longer than planned: [\d.]+ epochs instead of 100, to end in 10 minutes/,
    );
  });

  test("does not shorten a run for a slow moment that the rest makes up for", () => {
    expect(run(10, 100, (epoch) => (epoch === 20 ? 30 : 5.5))).toMatchObject({ epochs: 100, decided: [] });
  });

  test("never gives fewer epochs than the fewest, and says so once", () => {
    const result = run(2, 20, () => 60, { fewestEpochs: 8 });
    expect(result.epochs).toBe(8);
    expect(result.notes).toHaveLength(2);
    expect(result.notes[1]).toMatch(/about 6 minutes late, because fewer epochs teach too little/);
  });

  test("leaves the learning rate a twentieth of the run to come down, even when the time is over", () => {
    const result = run(1, 100, (epoch) => (epoch < 50 ? 0.5 : 600));
    expect(result.epochs).toBeGreaterThanOrEqual(51 + 5);
  });

  test("counts what earlier sessions have used", () => {
    const result = run(10, 50, () => 6, { secondsBefore: 400 });
    expect(result.minutes).toBeLessThan(4);
  });

  test("repeats the decisions of another run, whatever the clock says", () => {
    const repeats = [{ step: 20, epochs: 5 }];
    const pace = paceOf({ ...tinyConfig({}), repeats }, { startedAt: 0, secondsBefore: 0, step: 0 })!;
    const decide = (step: number) =>
      pace.decide({ step, steps: 100, scheduledSteps: 100, stepsPerEpoch: 10 });
    expect([10, 20, 30].map(decide)).toEqual([null, { epochs: 5, note: null }, null]);
  });
});
