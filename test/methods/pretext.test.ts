import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

it.each([
  ["rotnet", {}],
  ["jigsaw", { permutations: 10, patchSize: 4, towerWidth: 12 }],
])("takes the steps of %s that PyTorch takes", async (method, settings) => {
  const training = { nesterov: false };
  const steps = await methodSteps(method, { method, ...NARROW_RESNET, settings, training });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(5e-3);
});
