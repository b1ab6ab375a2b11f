import { expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../test/support/tiny-run.ts";
import { askedConfig, settledConfig } from "./settled-config.ts";

const configured = (epochs: number) => tinyConfig({ ...TINY_SIMCLR, epochs, training: { warmupEpochs: 10 } });

it("ends a warm-up with the run, and keeps what was asked for", () => {
  const short = configured(4);
  expect(short.training.warmupEpochs).toBe(4);
  expect(askedConfig(short).training.warmupEpochs).toBe(10);
  expect(settledConfig(askedConfig({ ...short, epochs: 20 })).training.warmupEpochs).toBe(10);
});

it("leaves the schedules of a run as they are when it is shortened to keep its time", () => {
  const changes = [{ name: "epochs", from: 20, to: 4 }];
  const history = [{ step: 8, changes, because: "pace" as const }];
  const shortened = { ...configured(20), epochs: 4, history };
  expect(settledConfig(askedConfig(shortened))).toEqual(shortened);
});
