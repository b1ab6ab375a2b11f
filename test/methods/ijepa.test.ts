import { expect, it } from "vitest";
import { FAST_SGD, methodSteps, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it("takes PyTorch's steps of I-JEPA, with its moving average", async () => {
  const steps = await methodSteps("i-jepa", {
    method: "i-jepa",
    ...TINY_VIT,
    settings: { predictorWidth: 16, predictorDepth: 2, predictorHeads: 2, targetMomentum: 0.5 },
    training: FAST_SGD,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
});
