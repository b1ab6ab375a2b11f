import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

const PUZZLE = { permutations: 10, patchSize: 4, towerWidth: 12 };

it.each([
  ["rotnet", "rotnet", {}],
  ["jigsaw", "jigsaw", { ...PUZZLE, assemble: false }],
  ["jigsaw-assembled", "jigsaw", { ...PUZZLE, assemble: true }],
])("takes PyTorch's steps of %s", async (fixture, method, settings) => {
  const training = { nesterov: false };
  const steps = await methodSteps(fixture, { method, ...NARROW_RESNET, settings, training });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(5e-3);
});
