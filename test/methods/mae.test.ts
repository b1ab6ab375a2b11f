import { expect, it } from "vitest";
import { FAST_SGD, methodSteps, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it("takes PyTorch's steps of MAE", async () => {
  const steps = await methodSteps("mae", {
    method: "mae",
    ...TINY_VIT,
    settings: { decoderWidth: 16, decoderDepth: 2, decoderHeads: 2 },
    training: FAST_SGD,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
});
