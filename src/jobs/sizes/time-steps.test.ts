import { expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig } from "../../../test/support/tiny-run.ts";
import { timeSteps } from "./time-steps.ts";

it("times steps of a run that has fewer of them in an epoch, and finds none slower than now", async () => {
  const { now, quiet } = await timeSteps(tinyConfig(TINY_SIMCLR), { threads: 1 });
  expect(quiet).toBeGreaterThan(0);
  expect(quiet).toBeLessThanOrEqual(now);
  expect(now).toBeLessThan(30);
}, 60_000);

it("is content with two steps where its time is over", async () => {
  const start = performance.now();
  await timeSteps(tinyConfig(TINY_SIMCLR), { threads: 1, mostSeconds: 0 });
  expect((performance.now() - start) / 1000).toBeLessThan(30);
});
