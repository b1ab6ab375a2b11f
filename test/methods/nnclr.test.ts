import { expect, it } from "vitest";
import { GROUPED_RESNET, methodSteps, worst, worstMove } from "../support/method-steps.ts";

it("takes the steps of NNCLR that PyTorch takes, with the neighbours of its queue", async () => {
  const steps = await methodSteps("nnclr", {
    method: "nnclr",
    ...GROUPED_RESNET,
    settings: { queue: 20, headWidth: 32, projectionOut: 16, predictorWidth: 24, temperature: 0.2 },
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-3);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(0.01);
});
