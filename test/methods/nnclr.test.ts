import { expect, it } from "vitest";
import { GROUPED_RESNET, methodSteps, SLOW_SGD, worst, worstMove } from "../support/method-steps.ts";

it("takes PyTorch's steps of NNCLR, with the neighbours of its queue", async () => {
  const steps = await methodSteps("nnclr", {
    method: "nnclr",
    ...GROUPED_RESNET,
    settings: { queue: 20, headWidth: 32, projectionOut: 16, predictorWidth: 24, temperature: 0.2 },
    training: SLOW_SGD,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
});
