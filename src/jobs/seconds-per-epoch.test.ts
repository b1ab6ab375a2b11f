import { expect, it } from "vitest";
import { TINY_SIMCLR, tinyConfig, tinyPictures } from "../../test/support/tiny-run.ts";
import { secondsPerEpoch } from "./seconds-per-epoch.ts";

it("measures an epoch that has fewer steps than are timed", async () => {
  const seconds = await secondsPerEpoch(tinyConfig(TINY_SIMCLR), tinyPictures(), { threads: 1 });
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(30);
});
