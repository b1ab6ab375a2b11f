import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, SLOW_SGD, worst, worstMove } from "../support/method-steps.ts";

it.each([
  ["simclr", 48],
  ["simclr-v2", 40],
])("takes PyTorch's steps of %s", async (method, projectionWidth) => {
  const settings = { projectionWidth, projectionOut: 16, temperature: 0.2 };
  const steps = await methodSteps(method, { method, ...NARROW_RESNET, settings, training: SLOW_SGD });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
});
