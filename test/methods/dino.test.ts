import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it.each([
  ["resnet", NARROW_RESNET],
  ["vit", TINY_VIT],
])("takes PyTorch's steps of DINO: %s", async (family, backbone) => {
  const steps = await methodSteps(`dino-${family}`, {
    method: "dino",
    settings: {
      ...{ outputs: 40, headWidth: 32, bottleneck: 16, localCrops: 2, localSize: 8 },
      ...{ teacherMomentum: 0.9, freezeLastLayerEpochs: 0.2 },
    },
    training: { clip: 1 },
    ...backbone,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(3e-3);
});
