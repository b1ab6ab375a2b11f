import { expect, it } from "vitest";
import { FAST_SGD, methodSteps, TINY_VIT, worst } from "../support/method-steps.ts";

it("takes PyTorch's steps of SimMIM", async () => {
  const steps = await methodSteps("simmim", { method: "simmim", ...TINY_VIT, training: FAST_SGD });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
});
