import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

it("takes PyTorch's steps of InvaSpread, with both of its terms", async () => {
  const steps = await methodSteps("invaspread", {
    method: "invaspread",
    ...NARROW_RESNET,
    settings: { projectionOut: 16 },
    training: { decay: "cosine" },
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(5e-3);
});
