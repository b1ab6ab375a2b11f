/**
 * Schedules against the authors' functions (scripts/make_schedules.py), one value per step, in double
 * precision.
 */
import { describe, expect, test } from "vitest";
import {
  constantSchedule,
  dinoCosineSchedule,
  linearScaling,
  type Schedule,
  simclrSchedule,
  squareRootScaling,
  warmup,
} from "../../src/optim/schedule.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const fixture = readFixture("schedules");

function expectEqual(entry: string, schedule: Schedule): void {
  const expected = fixture.numbers(entry);
  const got = expected.map((_, step) => schedule(step));
  expect(relativeError(got, expected)).toBeLessThan(1e-12);
}

describe("DINO's cosine_scheduler", () => {
  const names = ["rate", "rate_without_warmup", "rate_from_start", "weight_decay", "momentum"];
  test.each(names)("%s", (name) => {
    const s = fixture.setting<Record<string, number>>(`dino/${name}`);
    const perEpoch = s.steps_per_epoch!;
    const options = {
      base: s.base!,
      final: s.final!,
      steps: s.epochs! * perEpoch,
      warmupSteps: (s.warmup_epochs ?? 0) * perEpoch,
      warmupStart: s.start ?? 0,
    };
    expectEqual(`dino/${name}`, dinoCosineSchedule(options));
  });
});

describe("DINO's teacher temperature, one value an epoch", () => {
  test.each(["teacher_temperature", "teacher_temperature_constant"])("%s", (name) => {
    const s = fixture.setting<Record<string, number>>(`dino/${name}`);
    const after = constantSchedule(s.value!);
    const options = { start: s.warmup_value!, steps: s.warmup_epochs!, after, inclusive: true };
    expectEqual(`dino/${name}`, warmup(options));
  });
});

describe("SimCLR's WarmUpAndCosineDecay", () => {
  test.each(["linear", "sqrt", "uneven", "without_warmup"])("%s", (name) => {
    const settings = fixture.setting<Record<string, number> & { scaling: string }>(`simclr/${name}`);
    const { base, batch, examples, epochs, warmup_epochs: warmupEpochs, scaling } = settings;
    const scale = scaling === "linear" ? linearScaling : squareRootScaling;
    const steps = Math.floor((examples! * epochs!) / batch!) + 1;
    const warmupSteps = Math.floor((warmupEpochs! * examples!) / batch!);
    const schedule = simclrSchedule({ peak: scale(base!, batch!), steps, warmupSteps });
    expectEqual(`simclr/${name}`, schedule);
  });
});
