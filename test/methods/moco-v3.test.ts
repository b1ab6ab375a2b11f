import { expect, it } from "vitest";
import { GROUPED_RESNET, methodSteps, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it.each([
  ["resnet", GROUPED_RESNET],
  ["vit", TINY_VIT],
])("takes PyTorch's steps of MoCo v3: %s", async (family, backbone) => {
  const steps = await methodSteps(`moco-v3-${family}`, {
    method: "moco-v3",
    settings: { headWidth: 32, projectionOut: 16, keyMomentum: 0.5 },
    ...backbone,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(0.01);
});
