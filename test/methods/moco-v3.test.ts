import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, TINY_VIT, worst } from "../support/method-steps.ts";

it.each([
  ["resnet", NARROW_RESNET],
  ["vit", TINY_VIT],
])("takes the steps of MoCo v3 that PyTorch takes: %s", async (family, backbone) => {
  const steps = await methodSteps(`moco-v3-${family}`, {
    method: "moco-v3",
    settings: { headWidth: 32, projectionOut: 16 },
    ...backbone,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-3);
});
